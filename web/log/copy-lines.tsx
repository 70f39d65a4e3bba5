import { useState } from "react";
import { plain } from "./ansi.ts";
import type { LogTail } from "./tail.ts";

/** Copies the selected lines as plain text, including those outside the view. */
export function CopyLines({ tail, lines }: { tail: LogTail; lines: readonly [number, number] }) {
  const [outcome, setOutcome] = useState<{ for: string; text: string }>();
  const name = lines[0] === lines[1] ? `L${lines[0]}` : `L${lines[0]}–L${lines[1]}`;
  const copy = async (): Promise<void> => {
    try {
      const text = await tail.range(lines[0], lines[1]);
      await navigator.clipboard.writeText(text.map(plain).join("\n"));
      setOutcome({ for: name, text: "copied" });
    } catch {
      // No clipboard (plain HTTP from another machine), or the lines cannot be loaded: selecting by hand still works.
      setOutcome({ for: name, text: "not copied: select by hand" });
    }
  };
  return (
    <button
      type="button"
      className="tool"
      title={`Copy ${name} without line numbers and colours`}
      onClick={() => void copy()}
    >
      <output>{outcome?.for === name ? outcome.text : `copy ${name}`}</output>
    </button>
  );
}
