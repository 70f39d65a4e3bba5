import type { ReactNode } from "react";
import { tones, type State } from "./state.ts";

const hole = "var(--color-paper)";
const mark = { fill: "none", stroke: hole, strokeWidth: 1.8, strokeLinecap: "round", strokeLinejoin: "round" } as const;
const ring = {
  fill: "none",
  stroke: "currentColor",
  strokeWidth: 1.6,
  strokeLinecap: "round",
  strokeLinejoin: "round",
} as const;

const clock = (
  <>
    <circle cx="8" cy="8" r="6" {...ring} />
    <path d="M8 4.8V8l2.2 1.4" {...ring} />
  </>
);
const octagon = (
  <>
    <path d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z" fill="currentColor" />
    <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" {...mark} />
  </>
);

/** Each state has its own shape, so it can be recognised without colour. */
const shapes: Readonly<Record<State, ReactNode>> = {
  success: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="m4.9 8.3 2.2 2.2 4-4.6" {...mark} />
    </>
  ),
  failure: octagon,
  lost: octagon,
  allowed: (
    <>
      <path d="M8 1.4 15.2 14H.8z" fill="currentColor" strokeLinejoin="round" />
      <path d="M8 5.8v3.4M8 11.6v.1" {...mark} />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6" {...ring} />
      <g className="turning">
        <circle cx="8" cy="8" r="6" fill="none" />
        <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
      </g>
    </>
  ),
  pending: clock,
  waiting: clock,
  queued: clock,
  blocked: (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" rx="2" fill="currentColor" />
      <path d="M6 5v6M10 5v6" {...mark} />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="6" {...ring} />
      <path d="m4 12 8-8" {...ring} />
    </>
  ),
  skipped: <path d="M4 8h8" {...ring} strokeWidth="2" />,
};

/** A state's shape. Screen readers get its name; with `word` everyone does (`wide`: on wide screens only). */
export function Glyph({ state, word = false, size = 16 }: { state: State; word?: boolean | "wide"; size?: number }) {
  return (
    <span
      className="inline-flex shrink-0 items-center gap-1.5"
      style={{ color: `var(--color-${tones[state]})` }}
      title={word === true ? undefined : state}
    >
      <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" className="shrink-0">
        {shapes[state]}
      </svg>
      <span className={word === true ? "text-sm" : word ? "text-sm max-lg:sr-only" : "sr-only"}>{state}</span>
    </span>
  );
}

/** Something to know, neither good nor bad: the mark of a notice. */
export function NoticeMark() {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" className="shrink-0 text-running">
      <circle cx="8" cy="8" r="6" {...ring} />
      <path d="M8 7.4v3.6M8 5v.1" {...ring} />
    </svg>
  );
}
