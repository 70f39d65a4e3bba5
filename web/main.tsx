import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { RequestFailed } from "./api/problem.ts";
import { isAway, keys, whileAway } from "./api/queries.ts";
import { routes } from "./routes.tsx";
import { applyStoredTheme } from "./shell/theme.tsx";
import "./style.css";

applyStoredTheme();

/** Retry if the server is unavailable; an error response is final. */
function again(failures: number, error: Error): boolean {
  return error instanceof RequestFailed ? isAway(error) && failures < 2 : failures < 1;
}

const client = new QueryClient({
  defaultOptions: { queries: { retry: again, staleTime: 30_000, refetchInterval: whileAway } },
  queryCache: new QueryCache({
    // The token was revoked or the session expired: refetching the session shows the sign-in page.
    onError: (error, query) => {
      if (error instanceof RequestFailed && error.status === 401 && query.queryKey !== keys.session)
        void client.invalidateQueries({ queryKey: keys.session });
    },
  }),
});
const router = createRouter({
  routeTree: routes,
  context: { client },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

// A new page starts at its beginning: focus moves there, as a browser does for documents.
router.subscribe("onRendered", ({ fromLocation, pathChanged }) => {
  if (fromLocation && pathChanged) document.getElementById("main")?.focus({ preventScroll: true });
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");
createRoot(root).render(
  <QueryClientProvider client={client}>
    <RouterProvider router={router} />
  </QueryClientProvider>,
);
