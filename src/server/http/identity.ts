import { createHash, randomBytes } from "node:crypto";
import { SluiceError } from "../../model/index.ts";
import type { Store, TokenRow } from "../../store/index.ts";

export type Role = TokenRow["role"];

/** Who sent a request. */
export interface Identity {
  /** The token's id; `local` for the control socket. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** For a runner's own token. A runner token without it can only register. */
  readonly runnerId?: string;
  /** True if the browser sends the credential by itself, so that requests must also prove their origin. */
  readonly ambient: boolean;
}

const rank: Readonly<Record<Role, number>> = { runner: 0, viewer: 1, writer: 2, admin: 3 };

/** Roles of people include each other: an admin can do everything a writer can, a writer everything a viewer can. */
export function allows(role: Role, needed: "viewer" | "writer" | "admin"): boolean {
  return rank[role] >= rank[needed];
}

/** A fresh token: 256 bits, with a prefix that secret scanners and people recognise. */
export function makeToken(): string {
  return `sluice_${randomBytes(32).toString("base64url")}`;
}

/** The stored form of a token. A plain hash is enough for 256 random bits, and lets the database find it. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Knows tokens: those in the store, and those that live only as long as this process. */
export class Tokens {
  readonly #store: Store;
  readonly #shortLived = new Map<string, Identity>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Undefined if the token is invalid. The lookup is by hash, so its timing reveals nothing about the token. */
  async find(token: string): Promise<Identity | undefined> {
    if (token.length > 200) return undefined;
    const hash = hashToken(token);
    const row = this.#shortLived.get(hash) ?? (await this.#store.tokens.byHash(hash));
    return row && identityOf(row);
  }

  /** The owner of a session, while the token that opened it exists. */
  async byId(id: string): Promise<Identity | undefined> {
    const row = (await this.#store.tokens.list()).find((each) => each.id === id);
    return row && { ...identityOf(row), ambient: true };
  }

  /**
   * Creates a token and stores its hash, with an audit entry. The token cannot be shown again. `by` is the name of who
   * creates it.
   */
  async create(row: Omit<TokenRow, "id">, by: string): Promise<{ readonly row: TokenRow; readonly token: string }> {
    const token = makeToken();
    const { name, role, createdAt: at } = row;
    const entry = { at, actor: by, action: "token.create", subject: name, detail: { role } };
    return { row: await this.#store.tokens.add(row, hashToken(token), { audit: [entry] }), token };
  }

  /** Revokes a token of the store, with an audit entry. `by` is the name of who revokes it. Rejects with `not-found`. */
  async revoke(id: string, by: string, at: number): Promise<void> {
    const row = (await this.#store.tokens.list()).find((each) => each.id === id);
    const entry = {
      at,
      actor: by,
      action: "token.revoke",
      subject: row?.name ?? "",
      detail: { role: row?.role ?? "" },
    };
    if (row === undefined || !(await this.#store.tokens.remove(id, { audit: [entry] })))
      throw new SluiceError("not-found", `There is no token ${id}.`, { help: "`sluice token list` shows them." });
  }

  /** Creates a token that ends with this process and is stored nowhere. */
  createShortLived(name: string, role: Role, runnerId?: string): string {
    const token = makeToken();
    this.#shortLived.set(hashToken(token), {
      id: runnerId === undefined ? "process" : `process of ${runnerId}`,
      name,
      role,
      ...(runnerId === undefined ? {} : { runnerId }),
      ambient: false,
    });
    return token;
  }

  /** Revokes such a token before the process ends. */
  endShortLived(token: string): void {
    this.#shortLived.delete(hashToken(token));
  }
}

function identityOf(row: Pick<TokenRow, "id" | "name" | "role" | "runnerId">): Identity {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    ...(row.runnerId === undefined ? {} : { runnerId: row.runnerId }),
    ambient: false,
  };
}
