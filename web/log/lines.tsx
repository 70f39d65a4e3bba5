import { useEffect, type MouseEvent } from "react";
import type { Step } from "../api/types.ts";
import { isOver } from "../state/state.ts";
import { LONGEST } from "./ansi.ts";
import { readLine } from "./command.ts";
import { ROW } from "./geometry.ts";
import type { Grouping } from "./grouping.ts";
import { LogRow } from "./row.tsx";
import type { LogScroll } from "./scroll.ts";
import type { LogState, LogTail } from "./tail.ts";

interface LogLinesProps {
  readonly scroll: LogScroll;
  readonly tail: LogTail;
  readonly state: LogState;
  readonly step: Step;
  /** The visible lines, from 1, without folded ones. */
  readonly lines: readonly number[];
  /** Align the last line with the window's bottom, whatever the height of wrapped rows. */
  readonly atEnd: boolean;
  readonly wrap: boolean;
  readonly times: boolean;
  readonly selected: readonly [number, number] | undefined;
  readonly seek: string;
  /** The line of the current match. */
  readonly found: number | undefined;
  /** Whether a line is an error. */
  readonly failed: (line: number) => boolean;
  /** Which lines to show is not known yet: show none rather than the wrong ones. */
  readonly opening: boolean;
  readonly grouping: Grouping;
  /** A click; a click on a line number has `data-line`. */
  readonly onPick: (event: MouseEvent) => void;
}

/**
 * The window onto the lines. Only its rows exist; it sticks to the top of a box as tall as the log (or as browsers
 * allow, see geometry.ts), and its rows are moved. So scrolling never shows an empty stretch that fills in later.
 */
export function LogLines({
  scroll,
  tail,
  state,
  step,
  lines,
  atEnd,
  wrap,
  times,
  selected,
  seek,
  found,
  failed,
  opening,
  grouping,
  onPick,
}: LogLinesProps) {
  const { box, height, window, offset, onScroll } = scroll;
  const held = lines.map((line) => ({ line, is: tail.line(line) }));
  const { seeGroups } = grouping;
  const group = held.some(({ is }) => is !== undefined && readLine(is.text).kind === "group");
  useEffect(() => {
    if (group) seeGroups();
  }, [group, seeGroups]);
  const digits = Math.max(3, String(state.total).length);
  return (
    // Scrollable, so focusable: arrow and Page keys scroll it. Line numbers work with the pointer; `:120` in the search
    // field does the same.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <section
      ref={box}
      className="log-box"
      data-wrap={wrap || undefined}
      onScroll={onScroll}
      onClick={onPick}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={`Log of ${step.name}`}
    >
      <div
        style={{
          height,
          minWidth: wrap ? undefined : `calc(${Math.min(tail.longest, LONGEST) + digits}ch + ${times ? 160 : 60}px)`,
        }}
      >
        <div
          className="log-window"
          data-end={atEnd || undefined}
          data-opening={opening || undefined}
          style={{ height: window, "--digits": `${digits}ch` }}
        >
          <div style={wrap ? undefined : { transform: `translateY(${-(offset % ROW)}px)` }}>
            {held.map(({ line, is }) => (
              <LogRow
                key={line}
                line={line}
                text={is?.text}
                time={is?.time}
                selected={selected !== undefined && line >= selected[0] && line <= selected[1]}
                seek={seek}
                found={line === found}
                failed={failed(line)}
                showTime={times}
                folded={grouping.folds.has(line)}
                onFold={grouping.toggle}
              />
            ))}
            {state.ready && state.total === 0 && <p className="log-ending">{nothing(state, step)}</p>}
          </div>
        </div>
      </div>
    </section>
  );
}

/** Why there is nothing to read. */
function nothing(state: LogState, step: Step): string {
  const why = step.reason ? `: ${step.reason}` : ".";
  if (step.status === "skipped") return `This step was skipped${why}`;
  if (step.status === "pending") return "This step has not started yet.";
  return isOver(step.status) || state.closed ? `This step printed nothing${why}` : "Nothing printed yet.";
}
