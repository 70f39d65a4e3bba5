import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type KeyboardEvent, type ReactNode } from "react";
import { api } from "../api/client.ts";
import { repositoriesQuery } from "../api/queries.ts";
import { shortRef } from "../runs/ref.ts";
import { Glyph } from "../state/glyph.tsx";
import { Dialog } from "./dialog.tsx";

interface Entry {
  readonly key: string;
  readonly glyph?: ReactNode;
  readonly text: string;
  readonly hint: string;
  readonly open: () => void;
}

/** Finds runs, repositories and pages as you type; arrows and Enter, or a click, open one. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const entries = useEntries(text.trim());
  const chosen = Math.min(at, entries.length - 1);
  const open = (entry: Entry | undefined): void => {
    if (!entry) return;
    onClose();
    entry.open();
  };
  const onKey = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && entries.length > 0) {
      event.preventDefault();
      setAt((chosen + by + entries.length) % entries.length);
    } else if (event.key === "Enter") open(entries[chosen]);
  };
  useEffect(() => {
    // Scrolling returns a promise in newer browsers: do not return it as the effect's cleanup.
    void document.getElementById(`palette-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <Dialog label="Find anything" onClose={onClose} className="mt-[12vh]! sm:max-w-xl">
      <input
        // The dialog was opened to type into it.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={entries.length > 0 ? `palette-${chosen}` : undefined}
        aria-label="Find a run, repository or page"
        placeholder="Title, branch, commit, #12, repository, page"
        className="h-12 w-full border-b border-line bg-paper px-4 text-base placeholder:text-faint focus:outline-none"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      {/* A list that is filtered by the field above; a select or datalist can hold neither glyphs nor hints. */}
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role */}
      <div id="palette-list" role="listbox" aria-label="Results" className="max-h-[50vh] overflow-y-auto py-1">
        {entries.map((entry, index) => (
          // The keyboard stays in the field above and reaches every option from there; see above for the role.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={entry.key}
            id={`palette-${index}`}
            // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
            role="option"
            aria-selected={index === chosen}
            onClick={() => open(entry)}
            className="flex h-9 cursor-pointer items-center gap-3 px-4 aria-selected:bg-raised aria-selected:shadow-[inset_2px_0_0_var(--color-accent)]"
          >
            <span className="flex w-4 justify-center text-faint">{entry.glyph ?? "›"}</span>
            <span className="min-w-0 flex-1 truncate">{entry.text}</span>
            <span className="max-w-1/2 shrink-0 truncate text-xs text-muted">{entry.hint}</span>
          </div>
        ))}
      </div>
      {entries.length === 0 && <p className="px-4 pb-4 text-sm text-muted">No matches.</p>}
    </Dialog>
  );
}

function useEntries(text: string): Entry[] {
  const navigate = useNavigate();
  const repositories = useQuery(repositoriesQuery).data ?? [];
  const matches = (name: string): boolean => name.toLowerCase().includes(text.toLowerCase());
  const query = useQuery({
    queryKey: ["runs", "palette", text],
    queryFn: ({ signal }) => api.runs(text === "" ? { limit: 6 } : { text, limit: 8 }, signal),
    placeholderData: (before) => before,
  });
  // Until the response arrives, earlier results that still match stay: Enter must never open something that was not
  // asked for.
  const runs = (query.data?.runs ?? []).filter(
    (run) => !query.isPlaceholderData || matches(run.title) || matches(run.ref) || run.sha.startsWith(text),
  );
  const pages = (
    [
      ["Now", "/"],
      ["Runs", "/runs"],
      ["Repositories", "/repositories"],
      ["Schedules", "/schedules"],
      ["Runners", "/runners"],
    ] as const
  )
    .filter(([name]) => matches(name))
    .map(([name, to]): Entry => ({ key: to, text: name, hint: "page", open: () => void navigate({ to }) }));
  const named = repositories
    .filter((repository) => matches(repository.name))
    .slice(0, 8)
    .map(
      (repository): Entry => ({
        key: repository.id,
        text: repository.name,
        hint: "repository",
        open: () => void navigate({ to: "/runs", search: { repository: repository.name } }),
      }),
    );
  const found = runs.map(
    (run): Entry => ({
      key: run.id,
      glyph: <Glyph state={run.status} />,
      text: run.title,
      hint: `${run.repository} #${run.number} · ${shortRef(run.ref)} · ${run.sha.slice(0, 8)}`,
      open: () => void navigate({ to: "/runs/$run", params: { run: run.id } }),
    }),
  );
  // A number, or a commit prefix, means a run first of all.
  if (/^#?\d+$|^[0-9a-f]{6,40}$/.test(text)) return [...found, ...named, ...pages];
  return text === "" ? [...pages, ...found] : [...named, ...found, ...pages];
}
