import type { SigningKey } from "../storage/index.ts";

/**
 * Passwords with which a job's checkout reads its own repository: no row in the database, their own expiry, and valid
 * for one repository. They survive a restart of the server, as running jobs do.
 */
export class CloneTokens {
  readonly #key: SigningKey;
  readonly #now: () => number;

  constructor(key: SigningKey, now: () => number) {
    this.#key = key;
    this.#now = now;
  }

  /** Creates one for a repository, valid for this many milliseconds. */
  create(repositoryId: string, lifeMs: number): string {
    const content = `${repositoryId}.${Math.ceil((this.#now() + lifeMs) / 1000)}`;
    return `sluicejob_${content}.${this.#key.sign(content)}`;
  }

  /** Whether it is one for this repository and has not expired. */
  allows(token: string, repositoryId: string): boolean {
    const [id, until = "", signature = ""] = token.replace(/^sluicejob_/, "").split(".");
    return id === repositoryId && this.#key.verify(`${id}.${until}`, signature) && Number(until) * 1000 > this.#now();
  }
}
