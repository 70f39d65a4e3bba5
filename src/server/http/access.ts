import { SluiceError } from "../../model/index.ts";
import type { Store } from "../../store/index.ts";
import { CloneTokens } from "../repositories/index.ts";
import { signingKey } from "../storage/index.ts";
import { Tokens } from "./identity.ts";
import { Sessions } from "./session.ts";

export interface AccessOptions {
  readonly store: Store;
  readonly secret: Uint8Array;
  /** The server's URL, without a trailing slash. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Authenticates people, runners and jobs. */
export class Access {
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly cloneTokens: CloneTokens;
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    const { store, secret, url, now } = options;
    this.#options = options;
    this.tokens = new Tokens(store);
    const key = signingKey(secret, "session");
    this.sessions = new Sessions({ tokens: this.tokens, key, secure: url.startsWith("https:"), now });
    this.cloneTokens = new CloneTokens(signingKey(secret, "clone"), now);
  }

  /** Creates the first admin token if there is none, and returns it: it cannot be shown again. */
  async firstAdmin(): Promise<string | undefined> {
    const { store, now } = this.#options;
    if ((await store.tokens.list()).some((row) => row.role === "admin")) return undefined;
    return (await this.tokens.create({ name: "admin", role: "admin", createdAt: now() }, "sluice")).token;
  }

  /**
   * A URL that signs in one browser as admin, once, and leads to a path of the page. The session ends when the admin
   * token is revoked.
   */
  async signInUrl(path: string): Promise<string> {
    const { store, url } = this.#options;
    const row = (await store.tokens.list()).find((each) => each.role === "admin");
    if (row === undefined)
      throw new SluiceError("conflict", "There is no admin token.", {
        help: "Create one with `sluice token create --role admin`.",
      });
    return `${url}/signin?${new URLSearchParams({ code: this.sessions.makeCode(row.id), to: path })}`;
  }
}
