import { access } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import { SluiceError } from "../../model/index.ts";
import type { App } from "./app.ts";

/** There is no page below these: an unknown URL there returns an error document. */
const machines = /^\/(api|git|hooks|assets|openapi\.json|metrics|healthz|readyz|signin)(\/|$)/;

/** Serves the built page: hashed files forever, the page itself fresh, and the page again for its own URLs. */
export async function registerPage(app: App, webRoot: string | undefined): Promise<void> {
  if (webRoot === undefined) return;
  await app.register(fastifyStatic, {
    root: webRoot,
    prefix: "/",
    serve: false,
    preCompressed: true,
    cacheControl: false,
    dotfiles: "deny",
  });
  app.get(
    "/*",
    { exposeHeadRoute: true, config: { access: "public" }, schema: { hide: true } },
    async (request, reply) => {
      const path = request.url.split("?")[0] ?? "/";
      const file = path === "/" ? "index.html" : path.slice(1);
      if (file !== "index.html" && (await isFile(webRoot, file))) {
        // Vite puts a hash of the content into the names below assets/.
        reply.header(
          "cache-control",
          file.startsWith("assets/") ? "public, max-age=31536000, immutable" : "public, max-age=3600",
        );
        return reply.sendFile(file);
      }
      if (machines.test(path))
        throw new SluiceError("not-found", `No route for ${request.method} ${path}.`, {
          help: "The API is described at /openapi.json.",
        });
      return reply.header("cache-control", "no-cache").sendFile("index.html");
    },
  );
}

async function isFile(root: string, file: string): Promise<boolean> {
  if (!/^[A-Za-z0-9._/-]+$/.test(file) || file.split("/").some((part) => part.startsWith(".") || part === ""))
    return false;
  return access(join(root, file)).then(
    () => true,
    () => false,
  );
}
