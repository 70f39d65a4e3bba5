import { SluiceError } from "../../model/index.ts";
import { gone, isGone, killGroup, startGit, type GitChild } from "./process.ts";
import { shaSchema } from "./names.ts";

export interface GitObject {
  readonly sha: string;
  readonly type: string;
  readonly size: number;
  /** The whole object, or its first bytes if it is larger than the limit. */
  readonly content: Buffer;
}

/** Timeout of one response, in milliseconds. */
const answerTimeout = 30_000;

/**
 * Reads objects of one repository through a single `git cat-file --batch` child, one request at a time. The workflows
 * of a new commit thus cost one process start, however many files there are.
 */
export class ObjectReader implements AsyncDisposable {
  readonly #repository: string;
  readonly #child: GitChild;
  #buffered: Buffer = Buffer.alloc(0);
  #ended = false;
  #failure: string | undefined;
  #wake: () => void = () => undefined;

  constructor(repository: string) {
    this.#repository = repository;
    this.#child = startGit(["cat-file", "--batch"], { repository });
    this.#child.stdout.on("readable", () => this.#wake());
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.stdout.on("end", () => this.#end("it exited early"));
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#failure ??= chunk.toString("utf8").trim().slice(0, 1000);
    });
  }

  /**
   * Reads at most `limit` bytes of the object named by `name` (`<sha>`, `<sha>^{commit}`, `<sha>:path`); undefined if
   * there is none.
   */
  async read(name: string, limit: number): Promise<GitObject | undefined> {
    // Line breaks would be further requests; objects with such paths are read by their own names.
    if (/[\n\r\0]/.test(name)) return undefined;
    const timer = setTimeout(() => killGroup(this.#child), answerTimeout);
    try {
      this.#child.stdin.write(`${name}\n`);
      const [sha = "", type = "", size = ""] = (await this.#line()).split(" ");
      // `<name> missing`, `<name> ambiguous`: the name may contain spaces, so check the fixed parts.
      if (!shaSchema.safeParse(sha).success || !/^\d+$/.test(size)) return undefined;
      const bytes = Number(size);
      const content = await this.#take(bytes, limit);
      await this.#take(1, 0);
      return { sha, type, size: bytes, content };
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    killGroup(this.#child);
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#buffered.indexOf(10);
      if (end >= 0) {
        const line = this.#buffered.subarray(0, end).toString("utf8");
        this.#buffered = this.#buffered.subarray(end + 1);
        return line;
      }
      this.#buffered = Buffer.concat([this.#buffered, await this.#chunk()]);
    }
  }

  /** Takes exactly `count` bytes; keeps the first `limit` of them and discards the others as they arrive. */
  async #take(count: number, limit: number): Promise<Buffer> {
    const kept: Buffer[] = [];
    let room = limit;
    let left = count;
    while (left > 0) {
      const chunk = this.#buffered.length > 0 ? this.#buffered : await this.#chunk();
      const part = chunk.subarray(0, left);
      this.#buffered = chunk.subarray(part.length);
      left -= part.length;
      if (room > 0) kept.push(part.subarray(0, room));
      room -= part.length;
    }
    return Buffer.concat(kept);
  }

  async #chunk(): Promise<Buffer> {
    for (;;) {
      const chunk: unknown = this.#child.stdout.read();
      if (Buffer.isBuffer(chunk)) return chunk;
      if (this.#ended && isGone(this.#repository)) throw gone(this.#repository);
      if (this.#ended) throw new SluiceError("git-failed", `git cat-file: ${this.#failure ?? "it exited early"}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #end(why: string): void {
    this.#ended = true;
    this.#failure ??= why;
    this.#wake();
  }
}
