/** The quoting context of a place in a shell script. */
export type Surroundings =
  | "plain"
  | "double"
  | "single"
  | "ansi"
  | "comment"
  | "heredoc"
  | "quotedHeredoc"
  | "parameter"
  | "arithmetic";

interface Frame {
  readonly kind: Surroundings;
  /** The character that ends it, if any. */
  readonly close?: ")" | "}" | "`";
  /** Number of open parentheses inside. */
  depth: number;
  readonly delimiter?: string;
}

interface Heredoc {
  readonly delimiter: string;
  readonly quoted: boolean;
}

/**
 * Returns for each offset (ascending) how the shell reads the place: that decides what to insert there. A place is
 * skipped as it stands, up to its end offset. This is not a full shell parser and need not be: a misjudged place gets a
 * misspelt reference, but never text that the shell executes.
 */
export function surroundingsOf(
  script: string,
  places: readonly { readonly start: number; readonly end: number }[],
): readonly Surroundings[] {
  const reader = new QuoteReader(script);
  return places.map(({ start, end }) => {
    reader.advance(start);
    const kind = reader.surroundings;
    reader.skip(end);
    return kind;
  });
}

class QuoteReader {
  readonly #script: string;
  readonly #stack: Frame[] = [{ kind: "plain", depth: 0 }];
  #pending: Heredoc[] = [];
  #at = 0;

  constructor(script: string) {
    this.#script = script;
  }

  get surroundings(): Surroundings {
    return this.#top.kind;
  }

  advance(to: number): void {
    while (this.#at < to) this.#step();
  }

  skip(to: number): void {
    this.#at = Math.max(this.#at, to);
  }

  get #top(): Frame {
    return this.#stack.at(-1) ?? { kind: "plain", depth: 0 };
  }

  #starts(text: string): boolean {
    return this.#script.startsWith(text, this.#at);
  }

  #push(kind: Surroundings, length: number, more: Partial<Frame> = {}): void {
    this.#stack.push({ kind, depth: 0, ...more });
    this.#at += length;
  }

  #pop(): void {
    if (this.#stack.length > 1) this.#stack.pop();
    this.#at += 1;
  }

  #step(): void {
    const character = this.#script[this.#at] ?? "";
    switch (this.#top.kind) {
      case "plain":
        return this.#plain(character);
      case "double":
        if (character === '"') return this.#pop();
        return this.#expanding(character);
      case "single":
        if (character === "'") return this.#pop();
        break;
      case "ansi":
        if (character === "\\") this.#at += 1;
        else if (character === "'") return this.#pop();
        break;
      case "comment":
        // The line break is part of the script again: a here-document may begin after it.
        if (character === "\n") this.#stack.pop();
        else this.#at += 1;
        return;
      case "heredoc":
      case "quotedHeredoc":
        return this.#heredoc(character);
      case "parameter":
        if (character === "}") return this.#pop();
        if (character === "'" || character === '"') return this.#quote(character);
        return this.#expanding(character);
      case "arithmetic":
        return this.#arithmetic(character);
    }
    this.#at += 1;
  }

  #plain(character: string): void {
    const frame = this.#top;
    if (character === "'" || character === '"') return this.#quote(character);
    if (this.#starts("$'")) return this.#push("ansi", 2);
    if (frame.close === "`" && character === "`") return this.#pop();
    if (this.#starts("((") && this.#isWordStart()) return this.#push("arithmetic", 2, { depth: 2 });
    if (character === "#" && this.#isWordStart()) return this.#push("comment", 1);
    if (this.#starts("<<<")) {
      this.#at += 3;
      return;
    }
    if (this.#starts("<<")) return this.#announceHeredoc();
    if (character === "\n" && this.#pending.length > 0) return this.#enterHeredocs();
    if (character === "(") frame.depth += 1;
    if (character === ")" && frame.close === ")" && frame.depth === 0) return this.#pop();
    if (character === ")" && frame.depth > 0) frame.depth -= 1;
    this.#expanding(character);
  }

  #quote(character: string): void {
    this.#push(character === "'" ? "single" : "double", 1);
  }

  /** Special in double quotes and in here-documents too. */
  #expanding(character: string): void {
    if (character === "\\") this.#at += 2;
    else if (this.#starts("$((")) this.#push("arithmetic", 3, { depth: 2 });
    else if (this.#starts("$[")) this.#push("arithmetic", 2, { depth: 1 });
    else if (this.#starts("$(")) this.#push("plain", 2, { close: ")" });
    else if (this.#starts("${")) this.#push("parameter", 2, { close: "}" });
    else if (character === "`") this.#push("plain", 1, { close: "`" });
    else this.#at += 1;
  }

  #arithmetic(character: string): void {
    const frame = this.#top;
    if (character === "(" || character === "[") frame.depth += 1;
    if (character === ")" || character === "]") frame.depth -= 1;
    if (frame.depth === 0) this.#pop();
    else this.#at += 1;
  }

  #isWordStart(): boolean {
    const before = this.#script[this.#at - 1];
    return before === undefined || /[\s;&|(]/.test(before);
  }

  #announceHeredoc(): void {
    const [whole = "<<", single, double, bare] =
      /^<<-?[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|([^\s;&|<>()]+))?/.exec(this.#script.slice(this.#at, this.#at + 200)) ??
      [];
    const delimiter = single ?? double ?? bare?.replaceAll("\\", "");
    if (delimiter !== undefined)
      this.#pending.push({
        delimiter,
        quoted: single !== undefined || double !== undefined || (bare?.includes("\\") ?? false),
      });
    this.#at += whole.length;
  }

  #enterHeredocs(): void {
    this.#at += 1;
    // The last is pushed first, so that they end in the order of their announcement.
    for (const { delimiter, quoted } of this.#pending.toReversed())
      this.#stack.push({ kind: quoted ? "quotedHeredoc" : "heredoc", depth: 0, delimiter });
    this.#pending = [];
    this.#endHeredoc();
  }

  #heredoc(character: string): void {
    if (character === "\n") {
      this.#at += 1;
      this.#endHeredoc();
    } else if (this.#top.kind === "heredoc") this.#expanding(character);
    else this.#at += 1;
  }

  /** At the beginning of a line: is it just the delimiter? Then the next here-document begins, if there is one. */
  #endHeredoc(): void {
    while (this.#top.delimiter !== undefined) {
      const end = this.#script.indexOf("\n", this.#at);
      const line = this.#script.slice(this.#at, end < 0 ? undefined : end).trim();
      if (line !== this.#top.delimiter) return;
      this.#stack.pop();
      this.#at = end < 0 ? this.#script.length : end;
      // Between two here-documents there is only the line break.
      if (this.#top.delimiter !== undefined) this.#at += 1;
    }
  }
}
