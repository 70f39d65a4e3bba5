/** An environment variable of this size still fits every system's limits. */
const most = 64 * 1024;

/** The end of a process's output, like a shell's `$( )`: without trailing line breaks and without NUL. */
export class Tail {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;
  #cut = false;

  add(bytes: Uint8Array): void {
    // The caller reuses its buffer.
    this.#pieces.push(Uint8Array.from(bytes));
    this.#length += bytes.length;
    for (
      let first = this.#pieces[0];
      first !== undefined && this.#length - first.length >= most;
      first = this.#pieces[0]
    ) {
      this.#pieces.shift();
      this.#length -= first.length;
      this.#cut = true;
    }
  }

  /** At most 64 KiB; a longer text begins with a whole line. */
  get text(): string {
    const all = Buffer.concat(this.#pieces);
    const isCut = this.#cut || all.length > most;
    const end = isCut ? all.subarray(Math.max(0, all.length - most)) : all;
    const from = isCut ? end.indexOf(0x0a) + 1 : 0;
    return end
      .subarray(from)
      .toString("utf8")
      .replaceAll("\0", "")
      .replace(/[\r\n]+$/, "");
  }
}
