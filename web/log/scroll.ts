import { useLayoutEffect, useRef, useState, type RefObject } from "react";
import { offsetAfter, ROW, scaleOf, scrollFor } from "./geometry.ts";

/** Milliseconds after scrolling stops until the scroll bar is set to the log's real position; see geometry.ts. */
const REST = 160;

export interface LogScroll {
  readonly box: RefObject<HTMLDivElement | null>;
  /** The height that the browser scrolls, in pixels. */
  readonly height: number;
  readonly window: number;
  /** The log's own offset, in pixels. */
  readonly offset: number;
  readonly onScroll: () => void;
  /**
   * Scrolls a row into view and returns the new offset. `place` is its position in the window, from 0 (top) to 1
   * (bottom).
   */
  readonly show: (row: number, place: number) => number;
}

/** Scrolls any number of `rows` of fixed height; sticks to the end while `follow` is set. */
export function useLogScroll(rows: number, follow: boolean, setFollow: (follow: boolean) => void): LogScroll {
  const box = useRef<HTMLDivElement>(null);
  const [window, setWindow] = useState(600);
  const [offset, setOffset] = useState(0);
  const last = useRef({ offset: 0, scrollTop: 0 });
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const scale = scaleOf(rows, window);

  const move = (to: number): number => {
    const element = box.current;
    if (!element) return 0;
    const next = Math.min(scale.reach, Math.max(0, to));
    element.scrollTop = scrollFor(next, scale);
    // The browser rounds to device pixels: compare the next event with the rounded value.
    last.current = { offset: next, scrollTop: element.scrollTop };
    setOffset(next);
    return next;
  };

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    setWindow(element.clientHeight);
    const observer = new ResizeObserver(() => setWindow(element.clientHeight));
    observer.observe(element);
    return () => {
      observer.disconnect();
      clearTimeout(rest.current);
    };
  }, []);

  useLayoutEffect(() => {
    if (follow) move(scale.reach);
    // `move` is made anew with every render and reads what the dependencies stand for.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [follow, scale.reach, window]);

  const onScroll = (): void => {
    const element = box.current;
    if (!element || Math.abs(element.scrollTop - last.current.scrollTop) < 1) return;
    const { scrollTop } = element;
    const next = offsetAfter(scrollTop, last.current, scale);
    const up = next < last.current.offset;
    last.current = { offset: next, scrollTop };
    setOffset(next);
    if (up && next < scale.reach - ROW) setFollow(false);
    else if (next >= scale.reach - 1) setFollow(true);
    clearTimeout(rest.current);
    if (scale.travel === scale.reach) return;
    rest.current = setTimeout(() => {
      element.scrollTop = scrollFor(last.current.offset, scale);
      last.current.scrollTop = element.scrollTop;
    }, REST);
  };

  return {
    box,
    height: scale.travel + window,
    window,
    offset,
    onScroll,
    show: (row, place) => move(row * ROW - place * (window - ROW)),
  };
}
