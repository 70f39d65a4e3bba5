import type { ReactNode } from "react";
import { RequestFailed } from "../api/problem.ts";

/** What failed, why, and what to do; it stays until the cause is gone. */
export function Trouble({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const failed = error instanceof RequestFailed ? error : undefined;
  return (
    <div role="alert" className="my-3 border-l-2 border-failure py-1 pl-3">
      <p className="font-medium">{error instanceof Error ? error.message : String(error)}</p>
      {failed && <p className="mt-0.5 text-sm text-muted">{failed.help}</p>}
      <p className="mt-1 flex flex-wrap items-center gap-x-3 text-xs text-faint">
        {failed && <code className="text-xs">{failed.code}</code>}
        {failed?.instance && <span>request {failed.instance}</span>}
        {retry && (
          <button type="button" className="link" onClick={retry}>
            try again
          </button>
        )}
      </p>
    </div>
  );
}

/** An empty state: why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="max-w-2xl space-y-3 py-6">
      <p className="font-medium">{title}</p>
      {children && <div className="space-y-3 text-sm text-muted">{children}</div>}
    </div>
  );
}

/** Reserves room for the first response; stays blank for a moment, then says that it is loading. */
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div aria-busy="true" className="py-2">
      <output className="sr-only">Loading</output>
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <div key={row} className="row-line flex h-9 items-center" aria-hidden="true">
          <div className="h-2 rounded-full bg-raised" style={{ width: `${30 + ((row * 37) % 50)}%` }} />
        </div>
      ))}
    </div>
  );
}

/** A part of a page with its heading; `count` is the number of items, `aside` holds its actions. */
export function Section({
  id,
  title,
  count,
  aside,
  children,
}: {
  id?: string;
  title: string;
  count?: number | undefined;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section id={id} aria-label={title} className="mt-8">
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 border-b border-edge">
        <h2 className="text-sm font-semibold">{title}</h2>
        {count !== undefined && <span className="text-sm text-muted">{count}</span>}
        {aside && <div className="ml-auto flex items-center gap-1">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
