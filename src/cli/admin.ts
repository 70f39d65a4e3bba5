import { existsSync } from "node:fs";
import * as z from "zod";
import { connect, throughSocket, type Connection } from "../client/index.ts";
import type { Config } from "../config/index.ts";
import { auditPageSchema, SluiceError, repositorySchema, schedulesSchema } from "../model/index.ts";
import type { Administration } from "../server/index.ts";

export interface AdminOptions {
  readonly server?: string;
  readonly token?: string;
  readonly config?: string;
  readonly data?: string;
}

/**
 * Opens an administration: of the server named by --server, or else of the server running on the data folder, through
 * the socket in it that only the folder's owner can open (so no token is stored on disk), or else of the data folder
 * itself. Creates a missing data folder, so that a server can be prepared before it starts, unless `expected.folder` is
 * set: then the name must be a typo.
 */
export async function openAdministration(
  options: AdminOptions,
  expected: { readonly folder: boolean } = { folder: false },
): Promise<Administration> {
  if (options.server !== undefined) {
    const token = options.token ?? process.env["SLUICE_TOKEN"];
    if (token === undefined)
      throw new SluiceError("call-invalid", "--server needs a token.", {
        help: "Pass --token, or set SLUICE_TOKEN, which keeps it out of the process list.",
      });
    return administer(withTokenHelp(connect({ url: options.server, token })));
  }
  const [{ loadConfig }, { controlSocket, openOffline }] = await Promise.all([
    import("../config/index.ts"),
    import("../server/index.ts"),
  ]);
  const config: Config = await loadConfig(options.config, options.data === undefined ? {} : { data: options.data });
  if (expected.folder && !existsSync(config.data))
    throw new SluiceError("not-found", `The data folder ${config.data} does not exist.`, {
      help: "Name the server's data folder with --data or --config, or start the server once to create it.",
    });
  const local = administer(connect({ url: "http://localhost" }, throughSocket(controlSocket(config.data))));
  try {
    await local.tokens();
    return local;
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "unavailable") throw error;
  }
  return openOffline(config);
}

function administer(server: Connection): Administration {
  return {
    repositories: async () =>
      (await server.read(repositories, (api, signal) => api.GET("/api/v1/repositories", { signal }))).repositories,
    addRepository: (body) =>
      server.read(repositorySchema, (api, signal) => api.POST("/api/v1/repositories", { body, signal })),
    removeRepository: async (name) => {
      const params = { path: { name } };
      await server.send((api, signal) => api.DELETE("/api/v1/repositories/{name}", { params, signal }));
    },
    schedules: () => server.read(schedulesSchema, (api, signal) => api.GET("/api/v1/schedules", { signal })),
    tokens: async () => (await server.read(tokens, (api, signal) => api.GET("/api/v1/tokens", { signal }))).tokens,
    createToken: (body) => server.read(newToken, (api, signal) => api.POST("/api/v1/tokens", { body, signal })),
    removeToken: async (id) => {
      const params = { path: { id } };
      await server.send((api, signal) => api.DELETE("/api/v1/tokens/{id}", { params, signal }));
    },
    audit: (query) =>
      server.read(auditPageSchema, (api, signal) => api.GET("/api/v1/audit", { params: { query }, signal })),
    close: async () => undefined,
  };
}

function withTokenHelp(server: Connection): Connection {
  return {
    read: (schema, make, options) => server.read(schema, make, options).catch(explain),
    send: (make, options) => server.send(make, options).catch(explain),
  };
}

/** The server's own help for a wrong token is about headers and pushes. */
function explain(error: unknown): never {
  if (!(error instanceof SluiceError) || error.code !== "unauthenticated") throw error;
  throw new SluiceError(error.code, error.message, {
    help: "Check --token or SLUICE_TOKEN. On the server's machine, `sluice token create NAME` creates a new token.",
  });
}

const token = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(["admin", "writer", "viewer", "runner"]),
  createdAt: z.string(),
});
const newToken = token.extend({ token: z.string() });
const tokens = z.object({ tokens: z.array(token) });
const repositories = z.object({ repositories: z.array(repositorySchema) });
