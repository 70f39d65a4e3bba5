import { useEffect, useState, type ReactNode } from "react";

/** Copies `text` on click and confirms in place. `children` is shown, or the text itself. */
export function Copy({
  text,
  label,
  children,
  className = "",
}: {
  text: string;
  label: string;
  children?: ReactNode;
  className?: string;
}) {
  const [outcome, setOutcome] = useState<"copied" | "refused">();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), 1_600);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    // Over plain HTTP from another machine, browsers provide no clipboard.
    if (!("clipboard" in navigator)) return setOutcome("refused");
    navigator.clipboard.writeText(text).then(
      () => setOutcome("copied"),
      () => setOutcome("refused"),
    );
  };
  return (
    <button
      type="button"
      onClick={copy}
      title={`${label}: click to copy`}
      className={`mono quiet-link relative cursor-copy rounded-sm text-left ${className}`}
    >
      <span className={outcome ? "invisible" : ""}>{children ?? text}</span>
      {outcome && (
        <span className="absolute inset-0 truncate text-accent">
          {outcome === "copied" ? "copied" : "select it by hand"}
        </span>
      )}
      <output className="sr-only">{outcome === "copied" ? `${label} copied` : ""}</output>
    </button>
  );
}

/** A commit: its first eight characters; a click copies all of it. */
export function Commit({ sha }: { sha: string }) {
  return (
    <Copy text={sha} label="Commit">
      {sha.slice(0, 8)}
    </Copy>
  );
}

/** A command to type, ready to copy. */
export function Command({ children }: { children: string }) {
  return (
    <div className="flex max-w-full items-center gap-3 rounded-md border border-line bg-sunken py-2 pr-2 pl-3">
      <pre className="min-w-0 flex-1 whitespace-pre-wrap [overflow-wrap:anywhere]">
        <span aria-hidden="true" className="text-faint select-none">
          ${" "}
        </span>
        {children}
      </pre>
      <Copy text={children} label="Command" className="tool">
        copy
      </Copy>
    </div>
  );
}
