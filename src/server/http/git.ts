import type { FastifyReply, FastifyRequest } from "fastify";
import { repositoryNameSchema, type GitHttpAnswer, type GitService } from "../../forge/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { RepositoryRow } from "../../store/index.ts";
import type { App, AppOptions } from "./app.ts";
import { goneSignal } from "./gone.ts";
import { allows, type Identity } from "./identity.ts";

/** How long a client waits for a slot, in milliseconds, before it is told to retry later. */
const patience = 30_000;

/**
 * Git over HTTP at `/git/<name>.git`: only the smart protocol, through git's own program. Any user name, with a token
 * as the password: a viewer can read, a writer can push, and an admin can push to a new repository, which creates it.
 */
export async function registerGit(app: App, options: AppOptions): Promise<void> {
  await app.register(async (scope) => {
    // git reads the raw body itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    const route = { config: { access: "git", streams: true }, schema: { hide: true } } as const;
    scope.get("/git/*", route, async (request, reply) => serve(request, reply, options));
    scope.post("/git/*", route, async (request, reply) => serve(request, reply, options));
  });
}

interface Admitted {
  readonly row: RepositoryRow;
  /** Used in reflogs and for the hook. */
  readonly user: string;
  /** Whose share of the git processes it uses: the token's, or for jobs their repository's. */
  readonly holder: string;
}

interface Target {
  readonly name: string;
  readonly service: GitService;
  readonly advertise: boolean;
}

async function serve(request: FastifyRequest, reply: FastifyReply, options: AppOptions): Promise<FastifyReply> {
  const target = parseTarget(request);
  const repository = await admit(request, reply, target, options);
  if (repository === undefined) return reply;
  const gone = goneSignal(reply);
  const giveBack = await options.gitPlaces.wait(repository.holder, patience, gone);
  const answer = await startServing(request, gone, repository, target, options).catch((error: unknown) => {
    giveBack();
    throw error;
  });
  void answer.ended.finally(() => {
    giveBack();
    if (!target.advertise && target.service === "git-receive-pack")
      options.services.repositories.pushed(repository.row.id);
  });
  return reply
    .code(answer.status)
    .headers({ ...answer.headers, "cache-control": "no-cache, max-age=0, must-revalidate" })
    .send(answer.body);
}

async function startServing(
  request: FastifyRequest,
  signal: AbortSignal,
  repository: Admitted,
  target: Target,
  options: AppOptions,
): Promise<GitHttpAnswer> {
  return options.services.git.serve(repository.row, {
    service: target.service,
    advertise: target.advertise,
    user: repository.user,
    address: request.ip,
    body: request.raw,
    pushLimit: options.pushLimit,
    signal,
    ...cgiHeaders(request),
  });
}

/** Parses the URL; everything that is not a smart protocol request on a well-formed name is `not-found`. */
function parseTarget(request: FastifyRequest): Target {
  const [path = "", query = ""] = request.url.split("?");
  const match = /^\/git\/([A-Za-z0-9._/-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(path);
  const name = repositoryNameSchema.safeParse(match?.[1]);
  const advertise = match?.[2] === "info/refs";
  const service = advertise ? new URLSearchParams(query).get("service") : match?.[2];
  if (
    !name.success ||
    (service !== "git-upload-pack" && service !== "git-receive-pack") ||
    advertise !== (request.method === "GET")
  ) {
    throw new SluiceError("not-found", "No such git repository.", {
      help: "URLs are /git/<name>.git or /git/<owner>/<name>.git, for git clients with the smart protocol (1.6.6 or newer).",
    });
  }
  return { name: name.data, service, advertise };
}

/** Checks permissions. Sends the response itself and returns undefined if the client must authenticate first. */
async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  target: Target,
  options: AppOptions,
): Promise<Admitted | undefined> {
  const token = passwordOf(request.headers.authorization);
  const row = await gitRepository(options, target.name);
  const pushes = target.service === "git-receive-pack";
  if (token !== undefined && row !== undefined && !pushes && options.cloneTokens.allows(token, row.id))
    return { row, user: "job", holder: `jobs of ${row.id}` };
  const identity = token === undefined ? undefined : await options.tokens.find(token);
  if (identity === undefined || identity.role === "runner") {
    // git asks the user, or its credential helper, when it gets this response.
    reply
      .code(401)
      .header("www-authenticate", 'Basic realm="Sluice", charset="UTF-8"')
      .type("text/plain")
      .send("Use a token as the password; the user name does not matter.\n");
    return undefined;
  }
  if (!allows(identity.role, pushes ? "writer" : "viewer"))
    throw new SluiceError("forbidden", `The token "${identity.name}" (${identity.role}) cannot push.`);
  return { row: row ?? (await createForPush(target, identity, options)), user: identity.name, holder: identity.id };
}

async function createForPush(target: Target, identity: Identity, options: AppOptions): Promise<RepositoryRow> {
  if (target.service === "git-receive-pack" && allows(identity.role, "admin")) {
    await options.services.repositories.create({ name: target.name }, identity.name).catch((error: unknown) => {
      // Two pushes at once: the other one created it.
      if (!(error instanceof SluiceError) || error.code !== "already-exists") throw error;
    });
  }
  return options.services.repositories.byName(target.name);
}

/** Repositories on other forges are not served here. */
async function gitRepository({ services }: AppOptions, name: string): Promise<RepositoryRow | undefined> {
  const row = await services.store.repositories.byName(name);
  return row?.forge === "git" ? row : undefined;
}

/** The password of Basic credentials; or the user name alone, as some clients send tokens. */
function passwordOf(authorization: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  const password = colon < 0 ? "" : text.slice(colon + 1);
  return password === "" ? text.slice(0, colon < 0 ? text.length : colon) : password;
}

function cgiHeaders(request: FastifyRequest): { contentType?: string; contentEncoding?: string; protocol?: string } {
  const { headers } = request;
  const protocol = headers["git-protocol"];
  return {
    ...(headers["content-type"] === undefined ? {} : { contentType: headers["content-type"] }),
    ...(headers["content-encoding"] === undefined ? {} : { contentEncoding: headers["content-encoding"] }),
    ...(typeof protocol === "string" && /^[A-Za-z0-9=:]{1,100}$/.test(protocol) ? { protocol } : {}),
  };
}
