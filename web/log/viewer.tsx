import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useQuery } from "@tanstack/react-query";
import { address, api, logPath } from "../api/client.ts";
import type { Step } from "../api/types.ts";
import { Trouble } from "../parts/notice.tsx";
import { useSwitch } from "../parts/preference.ts";
import { useShortcut } from "../parts/shortcut.ts";
import { isOver } from "../state/state.ts";
import { ROW } from "./geometry.ts";
import { useGrouping } from "./grouping.ts";
import { CopyLines } from "./copy-lines.tsx";
import { writeLink } from "./link.ts";
import { LogRow } from "./row.tsx";
import { useLogScroll } from "./scroll.ts";
import { useErrorLines, useLogSearch } from "./search.ts";
import { LogTail, type LogState } from "./tail.ts";
import { Toolbar } from "./toolbar.tsx";
import "./log.css";

export interface LogViewerProps {
  /** The id of one attempt of a job. */
  readonly job: string;
  readonly step: Step;
  /** Lines that the address names. */
  readonly selected: readonly [number, number] | undefined;
  readonly onSelect: (lines: readonly [number, number]) => void;
}

/** Opens a log, and closes it with the view. Give it a `key` of job and step. */
export function LogViewer(props: LogViewerProps) {
  const [tail, setTail] = useState<LogTail>();
  const { job } = props;
  const { index } = props.step;
  useEffect(() => {
    const opened = new LogTail(job, index);
    setTail(opened);
    return () => opened.close();
  }, [job, index]);
  return tail ? <OpenLog {...props} tail={tail} /> : <div className="log-box flex-1" />;
}

/** Where the view is to go as soon as it can: a line, and where in the window it is to stand (0 top, 1 bottom). */
interface Target {
  readonly line: number;
  readonly place: number;
}

function OpenLog({ job, step, selected, onSelect, tail }: LogViewerProps & { tail: LogTail }) {
  const state = useSyncExternalStore(tail.subscribe, tail.state);
  const [times, setTimes] = useSwitch("log-times", false);
  const [wrap, setWrap] = useSwitch("log-wrap", false);
  const [follow, setFollow] = useState(selected === undefined && step.status !== "failure");
  const [target, setTarget] = useState<Target | undefined>(selected && { line: selected[0], place: 0.3 });
  const [text, setText] = useState("");
  const [at, setAt] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const longest = useRef(0);

  const failed = step.status === "failure";
  const [groupSeen, setGroupSeen] = useState(false);
  const grouping = useGrouping(job, step.index, state.total, state.closed, groupSeen);
  const rows = grouping.folds.rows(state.total);
  const scroll = useLogScroll(rows, 0, follow, setFollow);
  const visible = Math.ceil(scroll.window / ROW) + 1;
  // Wrapped rows are taller than a row: the last window is filled from below, so that the end is seen.
  const atEnd = wrap && scroll.offset >= rows * ROW - scroll.window - 1;
  const firstRow = atEnd ? Math.max(0, rows - visible) : Math.floor(scroll.offset / ROW);
  const lines = useMemo(
    () => Array.from({ length: Math.max(0, Math.min(visible, rows - firstRow)) }, (_, index) => grouping.folds.line(firstRow + index)),
    [visible, rows, firstRow, grouping.folds],
  );

  const wantFrom = Math.max(1, (lines[0] ?? 1) - visible);
  const wantTo = (lines.at(-1) ?? 1) + visible;
  useEffect(() => tail.want(wantFrom, wantTo), [tail, wantFrom, wantTo, state.total]);

  const go = (line: number, place = 0.35): void => {
    grouping.reveal(line);
    setFollow(false);
    setTarget({ line, place });
  };
  useLayoutEffect(() => {
    if (!target || !state.ready) return;
    scroll.show(grouping.folds.row(Math.min(target.line, state.total)), target.place);
    if (state.total >= target.line || state.closed) setTarget(undefined);
  }, [target, state, grouping.folds, scroll]);

  // A failed step opens at its first error, unless the address names lines.
  const first = useQuery({ queryKey: ["first-error", job, step.index], queryFn: ({ signal }) => api.firstError(job, step.index, signal), enabled: failed && selected === undefined, staleTime: Infinity });
  const opened = useRef(selected !== undefined || !failed);
  useEffect(() => {
    if (opened.current || !(first.data || first.error)) return;
    opened.current = true;
    if (first.data?.line) setTarget({ line: first.data.line, place: 0.35 });
    else setFollow(true);
  }, [first.data, first.error]);
  // An address that changes under the open view (a link, back) is followed too.
  const shown = useRef(selected);
  useEffect(() => {
    if (selected && selected !== shown.current && !lines.includes(selected[0])) go(selected[0]);
    shown.current = selected;
  });

  const found = useLogSearch(job, step.index, text.trim(), state.closed ? 0 : Math.floor(state.total / 2_000));
  const jump = (by: 1 | -1): void => {
    const middle = lines[Math.floor(lines.length / 3)] ?? 1;
    const next = at >= 0 ? (at + by + found.lines.length) % found.lines.length : Math.max(0, found.lines.findIndex((line) => line >= middle));
    const line = found.lines[next];
    if (line === undefined) return;
    setAt(next);
    go(line);
  };
  const [errorsWanted, wantErrors] = useState(false);
  const errors = useErrorLines(job, step.index, state.closed && (failed || errorsWanted));
  const lastError = useRef(0);
  const jumpError = (by: 1 | -1): void => {
    wantErrors(true);
    const from = lastError.current || first.data?.line || 0;
    const line = by === 1 ? (errors.find((each) => each > from) ?? errors[0]) : (errors.findLast((each) => each < from) ?? errors.at(-1));
    if (line === undefined) return;
    lastError.current = line;
    onSelect([line, line]);
    go(line);
  };

  useShortcut("/", () => input.current?.focus());
  useShortcut("n", () => jumpError(1));
  useShortcut("p", () => jumpError(-1));
  useShortcut("t", () => setTimes(!times));
  useShortcut("w", () => setWrap(!wrap));
  useShortcut("e", () => setFollow(true));

  const anchor = useRef<number>(undefined);
  const latest = useRef({ onSelect, toggle: grouping.toggle });
  useEffect(() => {
    latest.current = { onSelect, toggle: grouping.toggle };
  });
  const onNumber = useCallback((line: number, extend: boolean) => {
    const other = extend ? (anchor.current ?? line) : line;
    if (!extend) anchor.current = line;
    latest.current.onSelect([Math.min(line, other), Math.max(line, other)]);
  }, []);
  const onFold = useCallback((line: number) => {
    setGroupSeen(true);
    latest.current.toggle(line);
  }, []);

  const held = lines.map((line) => ({ line, held: tail.line(line) }));
  longest.current = Math.max(longest.current, ...held.map(({ held: each }) => Math.min(each?.text.length ?? 0, 8_100)));
  const seek = text.trim().toLowerCase();
  const current = at >= 0 ? found.lines[at] : undefined;
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <Toolbar
        state={state}
        text={text}
        onText={(next) => {
          setText(next);
          setAt(-1);
        }}
        input={input}
        found={found}
        at={at}
        onFound={jump}
        onLeave={() => {
          setText("");
          scroll.box.current?.focus();
        }}
        errors={errors.length}
        onError={jumpError}
        wrap={wrap}
        onWrap={setWrap}
        times={times}
        onTimes={setTimes}
        groups={grouping}
        follow={follow}
        onFollow={() => setFollow(true)}
        copy={selected && <CopyLines tail={tail} lines={selected} />}
        download={address(`${logPath(job, step.index)}/raw`)}
      />
      {state.error && (
        <div className="px-3">
          <Trouble error={state.error} retry={tail.again} />
        </div>
      )}
      <div ref={scroll.box} className="log-box" data-wrap={wrap || undefined} onScroll={scroll.onScroll} tabIndex={0} role="region" aria-label={`Log of ${step.name}`}>
        <div style={{ height: scroll.height, minWidth: wrap ? undefined : `calc(${longest.current}ch + 120px)` }}>
          <div className="log-window" data-end={atEnd || undefined} style={{ height: scroll.window, "--digits": `${Math.max(3, String(state.total).length)}ch` }}>
            <div style={atEnd || wrap ? undefined : { transform: `translateY(${-(scroll.offset % ROW)}px)` }}>
              {held.map(({ line, held: each }) => (
                <LogRow
                  key={line}
                  line={line}
                  text={each?.text}
                  time={each?.time}
                  href={`#${writeLink({ step: step.index, lines: [line, line] })}`}
                  selected={selected !== undefined && line >= selected[0] && line <= selected[1]}
                  seek={seek}
                  found={line === current}
                  showTime={times}
                  folded={grouping.folds.has(line)}
                  onNumber={onNumber}
                  onFold={onFold}
                />
              ))}
              {state.ready && <Ending state={state} step={step} shown={(lines.at(-1) ?? 0) >= state.total} />}
            </div>
          </div>
        </div>
      </div>
    </div>
  );
}

/** Under the last line: that more is to come, or why there is nothing. */
function Ending({ state, step, shown }: { state: LogState; step: Step; shown: boolean }) {
  if (state.total > 0 || !shown) return null;
  if (step.status === "skipped") return <p className="log-ending">This step was skipped{step.reason ? `: ${step.reason}` : "."}</p>;
  if (step.status === "pending") return <p className="log-ending">This step has not started yet.</p>;
  return <p className="log-ending">{isOver(step.status) || state.closed ? `This step printed nothing${step.reason ? `: ${step.reason}` : "."}` : "Nothing printed yet."}</p>;
}
