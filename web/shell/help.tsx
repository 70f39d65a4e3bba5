import { useSingleKeys } from "../parts/shortcut.ts";
import { Dialog } from "./dialog.tsx";

const mod = navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl";

const groups: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    "Anywhere",
    [
      [`${mod} K`, "find a run, repository or page"],
      ["g n", "Now"],
      ["g r", "Runs"],
      ["g p", "Repositories"],
      ["g c", "Schedules"],
      ["g w", "Runners"],
      ["?", "this help"],
    ],
  ],
  ["Runs", [["/", "search titles, refs, commits, authors, numbers"]]],
  [
    "Log",
    [
      ["/", "search the whole log"],
      ["Enter", "next match, or line 120 for :120"],
      ["⇧ Enter", "previous match"],
      ["Esc", "leave the search"],
      ["n", "next error"],
      ["p", "previous error"],
      ["e", "go to the end and follow it"],
      ["t", "times"],
      ["w", "wrap long lines"],
      ["j", "next step"],
      ["k", "previous step"],
    ],
  ],
];

/** Every keyboard shortcut of the page. */
export function Help({ onClose }: { onClose: () => void }) {
  const [singleKeys, setSingleKeys] = useSingleKeys();
  return (
    <Dialog label="Keyboard shortcuts" onClose={onClose} className="sm:max-w-2xl">
      <div className="p-5">
        <div className="flex items-center">
          <h2 className="text-base font-semibold">Keyboard</h2>
          <button type="button" className="tool ml-auto" onClick={onClose}>
            close
          </button>
        </div>
        <div className="mt-3 grid gap-x-10 gap-y-5 sm:grid-cols-2">
          {groups.map(([title, keys]) => (
            <section key={title} aria-label={title}>
              <h3 className="border-b border-line pb-1 text-sm font-medium text-muted">{title}</h3>
              <dl className="mt-1">
                {keys.map(([key, meaning]) => (
                  <div key={key} className="flex min-h-7 items-center gap-3 text-sm">
                    <dt className="flex w-20 shrink-0 gap-1">
                      {key.split(" ").map((each) => (
                        <kbd key={each}>{each}</kbd>
                      ))}
                    </dt>
                    <dd className="text-muted">{meaning}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <label className="mt-5 flex items-center gap-2 border-t border-line pt-4 text-sm text-muted">
          <input
            type="checkbox"
            checked={singleKeys}
            onChange={(event) => setSingleKeys(event.target.checked)}
            className="size-4 accent-accent"
          />
          Single keys are shortcuts. Turn this off if you use speech input.
        </label>
      </div>
    </Dialog>
  );
}
