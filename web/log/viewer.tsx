import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore, type MouseEvent } from "react";
import { logAddress } from "../api/client.ts";
import type { Step } from "../api/types.ts";
import { Trouble } from "../parts/notice.tsx";
import { useSwitch } from "../parts/preference.ts";
import { useShortcut } from "../parts/shortcut.ts";
import { CopyLines } from "./copy-lines.tsx";
import type { Folds } from "./folds.ts";
import { ROW } from "./geometry.ts";
import { useGrouping } from "./grouping.ts";
import { useErrorJumps, useSearchJumps } from "./jumps.ts";
import { readLines } from "./link.ts";
import { LogLines } from "./lines.tsx";
import { useLogScroll } from "./scroll.ts";
import { LogTail } from "./tail.ts";
import { Toolbar } from "./toolbar.tsx";
import "./log.css";

export interface LogViewerProps {
  /** The id of one attempt of a job. */
  readonly job: string;
  readonly step: Step;
  /** Lines named in the address. */
  readonly selected: readonly [number, number] | undefined;
  readonly onSelect: (lines: readonly [number, number]) => void;
}

/** Where to scroll as soon as possible: a line, and its position in the window (0 top, 1 bottom). */
interface Target {
  readonly line: number;
  readonly place: number;
}

/** One step's log; reads it while mounted. Give it a `key` of job and step. */
export function LogViewer({ job, step, selected, onSelect }: LogViewerProps) {
  const [tail] = useState(() => new LogTail(job, step.index));
  useEffect(() => tail.open(), [tail]);
  const state = useSyncExternalStore(tail.subscribe, tail.state);
  const [times, setTimes] = useSwitch("log-times", false);
  const [wrap, setWrap] = useSwitch("log-wrap", false);
  const [follow, setFollow] = useState(selected === undefined && step.status !== "failure");
  const [target, setTarget] = useState<Target | undefined>(selected && { line: selected[0], place: 0.3 });
  // Wrapped rows before a line, or the end, could push it out of the window: it keeps its place until the reader
  // scrolls.
  const [pin, setPin] = useState<{ readonly firstRow: number; readonly offset: number }>();
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const anchor = useRef(1);

  const grouping = useGrouping(job, step.index, state);
  const rows = grouping.folds.rows(state.total);
  const scroll = useLogScroll(rows, follow, setFollow);
  const visible = Math.ceil(scroll.window / ROW) + 1;
  // Wrapped rows are taller than a row: at the end the window is filled from below, so that the last line is visible.
  const pinned = wrap && !follow && pin !== undefined && Math.abs(pin.offset - scroll.offset) < 1 ? pin : undefined;
  const atEnd = wrap && pinned === undefined && scroll.offset >= rows * ROW - scroll.window - 1;
  const firstRow =
    pinned !== undefined ? pinned.firstRow : atEnd ? Math.max(0, rows - visible) : Math.floor(scroll.offset / ROW);
  const lines = Array.from({ length: Math.max(0, Math.min(visible, rows - firstRow)) }, (_, index) =>
    grouping.folds.line(firstRow + index),
  );
  const from = lines[0] ?? 1;
  const to = lines.at(-1) ?? 1;
  useEffect(
    () => tail.want(Math.max(1, from - visible), Math.min(to + visible, state.total)),
    [tail, from, to, visible, state.total],
  );

  const go = (line: number): void => {
    grouping.reveal(line);
    setFollow(false);
    setTarget({ line, place: 0.35 });
  };
  const select = (chosen: readonly [number, number]): void => {
    onSelect(chosen);
    go(chosen[0]);
  };
  useLayoutEffect(() => {
    if (!target || !state.ready) return;
    const row = grouping.folds.row(Math.min(target.line, state.total));
    const firstRow = wrap ? contextOf(row, grouping.folds, tail) : 0;
    const offset = wrap ? scroll.show(firstRow, 0) : scroll.show(row, target.place);
    // oxlint-disable-next-line react/set-state-in-effect
    if (wrap) setPin({ firstRow, offset });
    // The target is reached only once the browser has scrolled there, which rendering cannot know.
    // oxlint-disable-next-line react/set-state-in-effect
    if (state.total >= target.line || state.closed) setTarget(undefined);
  }, [target, state, grouping.folds, scroll, wrap, tail]);

  // Follow an address that changes under the open view (a link, back, forward).
  const shown = useRef(selected?.[0]);
  useEffect(() => {
    const line = selected?.[0];
    if (line !== undefined && line !== shown.current && (line < from || line > to)) go(line);
    shown.current = line;
  });

  const named = readLines(text);
  const search = useSearchJumps(
    job,
    step.index,
    named ? "" : text.trim(),
    state,
    Math.floor(from + (to - from) / 3),
    go,
  );
  const begin = (line: number | null): void => (line === null ? setFollow(true) : setTarget({ line, place: 0.35 }));
  const errors = useErrorJumps(
    job,
    step,
    state,
    selected !== undefined,
    selected?.[0] ?? from,
    (line) => select([line, line]),
    begin,
  );

  useShortcut("/", () => input.current?.focus());
  useShortcut("n", () => errors.jump(1));
  useShortcut("p", () => errors.jump(-1));
  useShortcut("t", () => setTimes(!times));
  useShortcut("w", () => setWrap(!wrap));
  useShortcut("e", () => setFollow(true));

  const onPick = (event: MouseEvent): void => {
    const line = event.target instanceof HTMLElement ? Number(event.target.dataset.line) : Number.NaN;
    if (Number.isNaN(line)) return;
    if (!event.shiftKey) anchor.current = line;
    onSelect([Math.min(line, anchor.current), Math.max(line, anchor.current)]);
  };
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <Toolbar
        state={state}
        failed={step.status === "failure"}
        size={Math.max(state.bytes, step.bytes)}
        input={input}
        text={text}
        onText={(next) => {
          setText(next);
          search.restart();
        }}
        found={search.found}
        at={search.at}
        named={named}
        onFound={(by) => (named ? select(named) : search.jump(by))}
        onLeave={() => {
          setText("");
          scroll.box.current?.focus();
        }}
        errors={errors}
        wrap={wrap}
        onWrap={setWrap}
        times={times}
        onTimes={setTimes}
        groups={grouping}
        follow={follow}
        onFollow={() => setFollow(true)}
        copy={selected && <CopyLines tail={tail} lines={selected} />}
        download={logAddress(job, step.index, "raw")}
      />
      {state.error && (
        <div className="px-3">
          <Trouble error={state.error} retry={tail.again} />
        </div>
      )}
      <LogLines
        scroll={scroll}
        tail={tail}
        state={state}
        step={step}
        lines={lines}
        atEnd={atEnd}
        wrap={wrap}
        times={times}
        selected={selected}
        seek={named ? "" : text.trim().toLowerCase()}
        found={search.line}
        failed={errors.has}
        opening={errors.opening}
        grouping={grouping}
        onPick={onPick}
      />
    </div>
  );
}

/** Lines of context above a jump target when rows wrap: as many as surely leave room for it. */
const CONTEXT = 3;
const SHORT = 120;

function contextOf(row: number, folds: Folds, tail: LogTail): number {
  let first = row;
  while (first > Math.max(0, row - CONTEXT) && (tail.line(folds.line(first - 1))?.text.length ?? Infinity) <= SHORT)
    first -= 1;
  return first;
}
