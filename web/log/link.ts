/** The lines that a log's address names: `#step-3`, `#step-3:L120`, `#step-3:L120-L130`. */
export interface LogLink {
  readonly step: number;
  /** First and last line, from 1. */
  readonly lines?: readonly [number, number];
}

const shape = /^#?step-(\d{1,6})(?::L(\d{1,12})(?:-L(\d{1,12}))?)?$/;

export function readLink(hash: string): LogLink | undefined {
  const match = shape.exec(hash);
  if (!match) return undefined;
  const step = Number(match[1]);
  if (match[2] === undefined) return { step };
  const one = Math.max(1, Number(match[2]));
  const other = Math.max(1, Number(match[3] ?? match[2]));
  return { step, lines: [Math.min(one, other), Math.max(one, other)] };
}

export function writeLink({ step, lines }: LogLink): string {
  if (lines === undefined) return `step-${step}`;
  return lines[0] === lines[1] ? `step-${step}:L${lines[0]}` : `step-${step}:L${lines[0]}-L${lines[1]}`;
}

/** Parses `:120`, `:120-130` or `:L120-L130` from the search field. */
export function readLines(text: string): readonly [number, number] | undefined {
  const match = /^:\s*L?(\d{1,12})(?:\s*-\s*L?(\d{1,12}))?\s*$/i.exec(text);
  return match ? readLink(`step-0:L${match[1]}-L${match[2] ?? match[1]}`)?.lines : undefined;
}
