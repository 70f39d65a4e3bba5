import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { RequestFailed } from "./api/problem.ts";
import { routes } from "./routes.tsx";
import { applyStoredTheme } from "./shell/theme.tsx";
import "./style.css";

applyStoredTheme();

/** A server that is away is asked again; an answer that says no is an answer. */
function again(failures: number, error: Error): boolean {
  return error instanceof RequestFailed ? (error.status === 0 || error.status >= 500) && failures < 3 : failures < 1;
}

const client = new QueryClient({ defaultOptions: { queries: { retry: again, staleTime: 30_000 } } });
const router = createRouter({ routeTree: routes, context: { client }, defaultPreload: "intent", defaultPreloadStaleTime: 0, scrollRestoration: true });

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
