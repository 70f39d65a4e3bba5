import type { ReactNode } from "react";
import type { State } from "../state/state.ts";
import { useTab } from "./tab.ts";

/** A page with its heading; `aside` is to the right of the heading. */
export function Page({
  title,
  tab,
  state,
  heading,
  aside,
  children,
}: {
  title: string;
  tab?: string;
  state?: State;
  heading?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  useTab(tab ?? title, state);
  return (
    <main id="main" tabIndex={-1} className="w-full max-w-[1480px] px-4 pb-16 md:px-6">
      {heading ?? (
        <div className="flex min-h-10 flex-wrap items-center gap-x-4 gap-y-2 pt-6 pb-3">
          <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
          {aside && <div className="ml-auto flex flex-wrap items-center gap-2">{aside}</div>}
        </div>
      )}
      {children}
    </main>
  );
}
