import { createHash, randomBytes } from "node:crypto";
import type { Store, TokenRow } from "../../store/index.ts";

export type Role = TokenRow["role"];

/** Who asks. */
export interface Identity {
  /** The token's id; `local` for the control socket. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Of a runner's own token. A runner token without it may only register. */
  readonly runnerId?: string;
  /** True when the browser sends the proof by itself, so that requests need proof of their origin too. */
  readonly ambient: boolean;
}

const rank: Readonly<Record<Role, number>> = { runner: 0, viewer: 1, writer: 2, admin: 3 };

/** Roles of people contain each other: an admin may all that a writer may, a writer all that a viewer may. */
export function allows(role: Role, needed: "viewer" | "writer" | "admin"): boolean {
  return rank[role] >= rank[needed];
}

/** A fresh token: 256 bits, with a prefix by which secret scanners and people know it. */
export function makeToken(): string {
  return `sluice_${randomBytes(32).toString("base64url")}`;
}

/** What the store keeps of a token. A plain hash is enough for 256 random bits, and lets the database find it. */
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

  /** Undefined for anything that is no valid token. The look-up is by hash, so its timing says nothing about the token. */
  async find(token: string): Promise<Identity | undefined> {
    if (token.length > 200) return undefined;
    const hash = hashToken(token);
    const row = this.#shortLived.get(hash) ?? (await this.#store.tokens.byHash(hash));
    return row && identityOf(row);
  }

  /** Whom a session belongs to, while the token it was opened with exists. */
  async byId(id: string): Promise<Identity | undefined> {
    const row = (await this.#store.tokens.list()).find((each) => each.id === id);
    return row && { ...identityOf(row), ambient: true };
  }

  /** Makes a token that is kept, hashed. This is the only time that it can be seen. */
  async create(row: Omit<TokenRow, "id">): Promise<{ readonly row: TokenRow; readonly token: string }> {
    const token = makeToken();
    return { row: await this.#store.tokens.add(row, hashToken(token)), token };
  }

  /** Makes a token that ends with this process and is written nowhere. */
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

  /** Ends such a token before the process does. */
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
