import { randomBytes } from "node:crypto";
import { parseCookie, stringifySetCookie } from "cookie";
import type { SigningKey } from "../storage/index.ts";
import type { Identity, Tokens } from "./identity.ts";

/** How long a browser stays signed in, in seconds. */
const sessionSeconds = 30 * 24 * 3600;
/** How long a one-time code is valid, in milliseconds. */
const codeLife = 15 * 60_000;

/**
 * Signed-in browsers. The cookie names a token and an expiry, signed with the server's key: it survives a restart,
 * becomes invalid when the token is revoked, and is not itself a token.
 */
export class Sessions {
  readonly #tokens: Tokens;
  readonly #key: SigningKey;
  readonly #secure: boolean;
  readonly #now: () => number;
  readonly #codes = new Map<string, { readonly tokenId: string; readonly until: number }>();

  constructor(options: {
    readonly tokens: Tokens;
    readonly key: SigningKey;
    readonly secure: boolean;
    readonly now: () => number;
  }) {
    this.#tokens = options.tokens;
    this.#key = options.key;
    this.#secure = options.secure;
    this.#now = options.now;
  }

  /** The cookie that signs a browser in as the owner of a token. */
  open(tokenId: string): string {
    const until = Math.floor(this.#now() / 1000) + sessionSeconds;
    const content = `${tokenId}.${until}`;
    return this.#cookie(`${content}.${this.#key.sign(content)}`, sessionSeconds);
  }

  /** The cookie that signs it out. */
  end(): string {
    return this.#cookie("", 0);
  }

  /** The session in the request's cookies; undefined if there is no valid one. */
  async find(cookies: string | undefined): Promise<Identity | undefined> {
    const value = parseCookie(cookies ?? "")[this.#name] ?? "";
    const [tokenId = "", until = "", signature = ""] = value.split(".");
    if (!this.#key.verify(`${tokenId}.${until}`, signature) || Number(until) * 1000 <= this.#now()) return undefined;
    return this.#tokens.byId(tokenId);
  }

  /** A code that signs in one browser, once, within 15 minutes. */
  makeCode(tokenId: string): string {
    for (const [code, { until }] of this.#codes) if (until <= this.#now()) this.#codes.delete(code);
    const code = randomBytes(24).toString("base64url");
    this.#codes.set(code, { tokenId, until: this.#now() + codeLife });
    return code;
  }

  /** Redeems a code: returns the cookie, or undefined if the code is unknown, used or expired. */
  redeem(code: string): string | undefined {
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    return found === undefined || found.until <= this.#now() ? undefined : this.open(found.tokenId);
  }

  /** Browsers share cookies between ports of a machine, so the name distinguishes servers. */
  get #name(): string {
    return `sluice_${this.#key.fingerprint}`;
  }

  #cookie(value: string, maxAge: number): string {
    return stringifySetCookie({
      name: this.#name,
      value,
      maxAge,
      path: "/",
      httpOnly: true,
      secure: this.#secure,
      sameSite: "strict",
    });
  }
}
