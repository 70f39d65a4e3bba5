import type { ReactNode, RefObject } from "react";
import { bytes, count } from "../parts/duration.ts";
import type { ErrorJumps } from "./jumps.ts";
import type { Found } from "./search.ts";
import type { LogState } from "./tail.ts";

interface ToolProps {
  readonly label: string;
  readonly keys?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Tool({ label, keys, pressed, disabled = false, onClick, children }: ToolProps) {
  return (
    <button
      type="button"
      className="tool"
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

export interface ToolbarProps {
  readonly state: LogState;
  /** The step failed, so there is probably an error to jump to. */
  readonly failed: boolean;
  /** Size of the log so far, in bytes; the step has it, the stream does not. */
  readonly size: number;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly input: RefObject<HTMLInputElement | null>;
  readonly found: Found;
  /** Index of the current match, from 0; -1 before the first jump. */
  readonly at: number;
  readonly onFound: (by: 1 | -1) => void;
  readonly onLeave: () => void;
  readonly errors: ErrorJumps;
  /** The lines that the text names (`:120`), instead of a search. */
  readonly named: readonly [number, number] | undefined;
  readonly wrap: boolean;
  readonly onWrap: (on: boolean) => void;
  readonly times: boolean;
  readonly onTimes: (on: boolean) => void;
  readonly groups: { readonly any: boolean; readonly allFolded: boolean; readonly toggleAll: () => void };
  readonly follow: boolean;
  readonly onFollow: () => void;
  readonly copy: ReactNode;
  readonly download: string;
}

/** The log's controls in one line; it wraps on a phone. */
export function Toolbar(props: ToolbarProps) {
  const { state, found, text, at, errors, input, named } = props;
  return (
    <div
      className="flex flex-wrap items-center gap-x-1 gap-y-1 border-b border-line bg-paper px-2 py-1"
      role="toolbar"
      aria-label="Log"
    >
      <div className="flex min-w-0 flex-[1_1_220px] items-center gap-1">
        <input
          ref={input}
          type="search"
          className="field h-7 min-w-0 flex-1 sm:max-w-72"
          placeholder="Search, or :120"
          aria-label="Search the whole log, or go to a line with :120"
          title="/"
          value={text}
          onChange={(event) => props.onText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") props.onFound(event.shiftKey ? -1 : 1);
            if (event.key === "Escape") props.onLeave();
          }}
        />
        {named && <span className="px-1 text-xs text-muted">press Enter</span>}
        {text !== "" && !named && (
          <>
            <output className="px-1 text-xs text-muted">{verdict(found, at)}</output>
            <Tool
              label="Previous match"
              keys="Shift Enter"
              disabled={found.lines.length === 0}
              onClick={() => props.onFound(-1)}
            >
              ↑
            </Tool>
            <Tool label="Next match" keys="Enter" disabled={found.lines.length === 0} onClick={() => props.onFound(1)}>
              ↓
            </Tool>
          </>
        )}
      </div>
      <span className="px-1 text-xs text-faint max-sm:hidden">
        {count(state.total)} {state.total === 1 ? "line" : "lines"}
        {props.size > 0 && ` · ${bytes(props.size)}`}
      </span>
      {errors.count !== 0 && (errors.count !== undefined || props.failed) && (
        <span className="flex items-center">
          <Tool label="Previous error" keys="p" onClick={() => errors.jump(-1)}>
            ↑
          </Tool>
          <span className="text-xs text-failure">
            {errors.count !== undefined && `${count(errors.count)}${errors.more ? "+" : ""} `}
            {errors.count === 1 ? "error" : "errors"}
          </span>
          <Tool label="Next error" keys="n" onClick={() => errors.jump(1)}>
            ↓
          </Tool>
        </span>
      )}
      <span className="flex flex-wrap items-center">
        {props.groups.any && (
          <Tool
            label={props.groups.allFolded ? "Unfold all groups" : "Fold all groups"}
            pressed={props.groups.allFolded}
            onClick={props.groups.toggleAll}
          >
            fold
          </Tool>
        )}
        <Tool label="Show times" keys="t" pressed={props.times} onClick={() => props.onTimes(!props.times)}>
          times
        </Tool>
        <Tool label="Wrap long lines" keys="w" pressed={props.wrap} onClick={() => props.onWrap(!props.wrap)}>
          wrap
        </Tool>
        <Tool
          label={state.closed ? "Go to the end" : "Follow the end"}
          keys="e"
          pressed={state.closed ? false : props.follow}
          onClick={props.onFollow}
        >
          {state.closed ? "end" : "follow"}
        </Tool>
        {props.copy}
        <a className="tool" href={props.download} download title="Download the whole log">
          download
        </a>
      </span>
    </div>
  );
}

function verdict(found: Found, at: number): string {
  if (found.error) return found.error.message;
  if (found.pending) return "searching";
  if (found.lines.length === 0) return "no match";
  const all = `${count(found.lines.length)}${found.more ? "+" : ""}`;
  return at < 0 ? all : `${at + 1} of ${all}`;
}
