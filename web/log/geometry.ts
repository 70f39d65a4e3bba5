/** Height of a row in pixels; must match the style sheet. */
export const ROW = 20;

/** Browsers support at most 16 to 33 million pixels of height: a taller log scrolls on a shorter scale. */
const TALLEST = 8_000_000;

/**
 * The largest move of a wheel, finger or key in pixels; dragging the scroll bar by one pixel moves a shortened log by
 * more.
 */
const NEAR = 5_000;

/** The log's own height and the height that the browser scrolls, both minus the height of the window. */
export interface Scale {
  readonly window: number;
  /** The largest offset of the log, in its own pixels. */
  readonly reach: number;
  /** The largest scrollTop. */
  readonly travel: number;
}

export function scaleOf(rows: number, window: number): Scale {
  const reach = Math.max(0, rows * ROW - window);
  return { window, reach, travel: Math.min(reach, TALLEST) };
}

function clamp(value: number, limit: number): number {
  return Math.min(limit, Math.max(0, value));
}

/** The scrollTop for an offset of the log. */
export function scrollFor(offset: number, scale: Scale): number {
  if (scale.reach === scale.travel) return clamp(offset, scale.reach);
  return (clamp(offset, scale.reach) / scale.reach) * scale.travel;
}

/**
 * The log's offset after the reader scrolled. On a shorter scale, small moves (wheel, keys, finger) count pixel for
 * pixel, so no row is skipped; large ones (the scroll bar) are proportional. Top and bottom are the same on both
 * scales.
 */
export function offsetAfter(scrollTop: number, before: { offset: number; scrollTop: number }, scale: Scale): number {
  if (scale.travel === scale.reach) return clamp(scrollTop, scale.reach);
  if (scrollTop <= 0) return 0;
  if (scrollTop >= scale.travel - 0.5) return scale.reach;
  const moved = scrollTop - before.scrollTop;
  if (Math.abs(moved) <= NEAR) return clamp(before.offset + moved, scale.reach);
  return (scrollTop / scale.travel) * scale.reach;
}
