/** Lines per page; a missing page is fetched as a whole. */
export const PAGE = 1_000;
const MOST_PAGES = 60;
const MOST_CHARACTERS = 24_000_000;

interface Page {
  readonly lines: (string | undefined)[];
  readonly times: (number | undefined)[];
  characters: number;
}

export interface Line {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
}

/** The lines of a log in memory: the most recently used ones, so memory stays bounded for any log. */
export class LinePages {
  /** In order of use, least recently used first. */
  readonly #pages = new Map<number, Page>();
  #characters = 0;
  #longest = 0;

  /** Stores lines from a response or from the stream, replacing existing ones. `first` counts from 1. */
  put(first: number, lines: readonly string[], times: readonly number[]): void {
    for (const [index, text] of lines.entries()) {
      const at = first - 1 + index;
      const page = this.#page(Math.floor(at / PAGE));
      const slot = at % PAGE;
      const change = text.length - (page.lines[slot]?.length ?? 0);
      page.lines[slot] = text;
      page.times[slot] = times[index];
      this.#longest = Math.max(this.#longest, text.length);
      page.characters += change;
      this.#characters += change;
    }
    this.#evict();
  }

  /** A line, if it is in memory. */
  get(line: number): Line | undefined {
    const page = this.#pages.get(Math.floor((line - 1) / PAGE));
    const text = page?.lines[(line - 1) % PAGE];
    return text === undefined ? undefined : { text, time: page?.times[(line - 1) % PAGE] };
  }

  /** The pages (from 0) to fetch so that every line of the range is in memory; marks the range as used. */
  missing(from: number, to: number): number[] {
    const result: number[] = [];
    for (let index = Math.floor((from - 1) / PAGE); index <= Math.floor((to - 1) / PAGE); index += 1) {
      const page = this.#pages.get(index);
      if (page) {
        this.#pages.delete(index);
        this.#pages.set(index, page);
      }
      const start = Math.max(from - 1, index * PAGE);
      const end = Math.min(to - 1, index * PAGE + PAGE - 1);
      for (let at = start; at <= end; at += 1) {
        if (page?.lines[at % PAGE] !== undefined) continue;
        result.push(index);
        break;
      }
    }
    return result;
  }

  /** Characters of the longest line so far, including lines no longer in memory. */
  get longest(): number {
    return this.#longest;
  }

  /** The amount in memory. */
  get held(): { pages: number; characters: number } {
    return { pages: this.#pages.size, characters: this.#characters };
  }

  #page(index: number): Page {
    const found = this.#pages.get(index);
    if (found) return found;
    const page: Page = { lines: [], times: [], characters: 0 };
    this.#pages.set(index, page);
    return page;
  }

  #evict(): void {
    for (const [index, page] of this.#pages) {
      // Always keep the newest two, even if they alone exceed the limit: the reader is looking at them.
      if (this.#pages.size <= 2 || (this.#pages.size <= MOST_PAGES && this.#characters <= MOST_CHARACTERS)) return;
      this.#pages.delete(index);
      this.#characters -= page.characters;
    }
  }
}
