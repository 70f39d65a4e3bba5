import { createServer } from "node:http";
import { greeting } from "./greeting.js";

/** The service: `GET /?name=Ada` answers with a greeting, `GET /healthz` with "ok". */
export function createService() {
  return createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    response.setHeader("content-type", "text/plain; charset=utf-8");
    response.end(url.pathname === "/healthz" ? "ok\n" : `${greeting(url.searchParams.get("name"))}\n`);
  });
}

if (import.meta.filename === process.argv[1]) {
  const service = createService();
  service.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log(`listening on port ${service.address().port}`));
}
