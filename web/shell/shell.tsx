import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { listen, type Connection } from "../api/live.ts";
import { RequestFailed } from "../api/problem.ts";
import { sessionQuery } from "../api/queries.ts";
import { Trouble } from "../parts/notice.tsx";
import { useShortcut, useShortcutListener } from "../parts/shortcut.ts";
import { Account } from "./account.tsx";
import { ThemeSwitch } from "./theme.tsx";

const Help = lazy(() => import("./help.tsx").then((module) => ({ default: module.Help })));
const loadPalette = () => import("./palette.tsx").then((module) => ({ default: module.Palette }));
const Palette = lazy(loadPalette);

const pages = [
  ["Now", "/"],
  ["Runs", "/runs"],
  ["Repositories", "/repositories"],
  ["Schedules", "/schedules"],
  ["Runners", "/runners"],
] as const;

const paletteKey = navigator.platform.startsWith("Mac") ? "⌘ K" : "Ctrl K";

/** The frame around every page: the bar, live events, shortcuts, and the redirect to sign-in. */
export function Shell() {
  const session = useQuery(sessionQuery);
  const path = useLocation({ select: (location) => location.pathname });
  const navigate = useNavigate();
  const atDoor = path === "/sign-in";
  const stranger = session.error instanceof RequestFailed && session.error.status === 401;

  useEffect(() => {
    if (!stranger || atDoor) return;
    const { pathname, search, hash } = window.location;
    void navigate({
      to: "/sign-in",
      search: pathname === "/" ? {} : { back: pathname + search + hash },
      replace: true,
    });
  }, [stranger, atDoor, navigate]);

  if (atDoor) return <Outlet />;
  if (session.isError && !stranger) {
    return (
      <main className="mx-auto max-w-2xl px-4 pt-12">
        <Trouble error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  }
  return session.data ? (
    <Inside name={session.data.name} role={session.data.role} lastEvent={session.data.lastEvent} />
  ) : null;
}

function Inside({ name, role, lastEvent }: { name: string; role: string; lastEvent: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  // The session is fetched again now and then; events are followed from the first response on.
  const [start] = useState(lastEvent);
  const [connection, setConnection] = useState<Connection>("connecting");
  const [open, setOpen] = useState<{ readonly dialog: "help" | "palette"; readonly nth: number }>();
  useEffect(() => {
    const abort = new AbortController();
    listen(client, { after: start, onConnection: setConnection, signal: abort.signal });
    // Users type as soon as they open the palette: its code must be loaded by then.
    void loadPalette();
    return () => abort.abort();
  }, [client, start]);

  // The browser reports a closed dialog a moment late. A key pressed in between opens a new one; `nth` keeps it from
  // being mistaken for the old one and closed.
  const show = (dialog: "help" | "palette"): void => setOpen((before) => ({ dialog, nth: (before?.nth ?? 0) + 1 }));
  useShortcutListener(() => show("palette"));
  useShortcut("?", () => show("help"));
  useShortcut("g n", () => void navigate({ to: "/" }));
  useShortcut("g r", () => void navigate({ to: "/runs" }));
  useShortcut("g p", () => void navigate({ to: "/repositories" }));
  useShortcut("g c", () => void navigate({ to: "/schedules" }));
  useShortcut("g w", () => void navigate({ to: "/runners" }));

  const close = (): void => setOpen((now) => (now?.nth === open?.nth ? undefined : now));
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-30 focus:bg-paper focus:p-3">
        Skip to content
      </a>
      <header className="sticky top-0 z-20 border-b border-line bg-paper">
        <div className="flex h-11 items-center gap-1 px-2 sm:px-3 md:px-5">
          <Link
            to="/"
            className="flex items-center gap-2 rounded-sm px-1 font-semibold tracking-tight md:mr-4"
            aria-label="Sluice"
          >
            <svg
              width="18"
              height="18"
              viewBox="0 0 18 18"
              fill="none"
              stroke="currentColor"
              strokeLinecap="round"
              strokeWidth="1.8"
              aria-hidden="true"
              className="text-accent"
            >
              <path d="M3 2v14M15 2v14M3 5.5h12M3 9h12M6.5 12.5c.9-.9 1.7-.9 2.5 0s1.6.9 2.5 0" />
            </svg>
            <span className="max-sm:hidden">Sluice</span>
          </Link>
          <nav aria-label="Main" className="flex h-full min-w-0 items-stretch overflow-x-auto">
            {pages.map(([title, to]) => (
              <Link
                key={to}
                to={to}
                activeOptions={{ exact: to === "/", includeSearch: false }}
                className="flex items-center px-[3.5px] text-xs text-muted -outline-offset-2! hover:text-ink aria-[current=page]:text-ink aria-[current=page]:shadow-[inset_0_-2px_0_var(--color-accent)] sm:px-3 sm:text-sm"
              >
                {/* A phone is too narrow for all of them in full. */}
                {title === "Repositories" ? (
                  <>
                    Repos<span className="max-sm:sr-only">itories</span>
                  </>
                ) : (
                  title
                )}
              </Link>
            ))}
          </nav>
          <div className="ml-auto flex items-center">
            {connection === "lost" && (
              <output className="mr-2 text-xs text-allowed max-md:hidden">offline: reconnecting</output>
            )}
            <button
              type="button"
              className="tool"
              onClick={() => show("palette")}
              aria-label={`Find anything, ${paletteKey}`}
              title="Find anything"
            >
              <svg
                width="16"
                height="16"
                viewBox="0 0 16 16"
                fill="none"
                stroke="currentColor"
                strokeWidth="1.5"
                strokeLinecap="round"
                aria-hidden="true"
              >
                <path d="M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5 14 14" />
              </svg>
              <kbd className="max-md:hidden">{paletteKey}</kbd>
            </button>
            <span className="max-md:hidden">
              <ThemeSwitch />
            </span>
            <button
              type="button"
              className="tool max-md:hidden"
              onClick={() => show("help")}
              aria-label="Keyboard shortcuts"
              title="Keyboard shortcuts (?)"
            >
              ?
            </button>
            <Account name={name} role={role} />
          </div>
        </div>
      </header>
      <Outlet />
      <Suspense>
        {open?.dialog === "help" && <Help key={open.nth} onClose={close} />}
        {open?.dialog === "palette" && <Palette key={open.nth} onClose={close} />}
      </Suspense>
    </>
  );
}
