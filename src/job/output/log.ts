import type { Masker } from "../../masking/index.ts";
import type { JobReporter } from "../port.ts";

const newline = 10;

/** The log of one step: masks it, and follows the pace of its receiver. */
export class StepLog {
  readonly step: number;
  private readonly reporter: JobReporter;
  private readonly stream: ReturnType<Masker["stream"]>;
  private lineOpen = false;

  constructor(step: number, reporter: JobReporter, masker: Masker) {
    this.step = step;
    this.reporter = reporter;
    this.stream = masker.stream();
  }

  /** Raw output. The returned promise is the back-pressure. */
  write(pieces: readonly Uint8Array[]): Promise<void> | void {
    const last = pieces.at(-1);
    if (last === undefined) return undefined;
    this.lineOpen = last.at(-1) !== newline;
    const first = pieces[0];
    return this.send(
      pieces.length === 1 && first !== undefined
        ? this.stream.write(first)
        : pieces.flatMap((piece) => this.stream.write(piece)),
    );
  }

  /** A line of ours, on its own line. */
  line(text: string): void {
    const bytes = Buffer.from(`${this.lineOpen ? "\n" : ""}${text}\n`);
    this.lineOpen = false;
    void this.send([...this.stream.write(bytes)]);
  }

  error(text: string): void {
    this.line(marked("error", text));
  }

  warning(text: string): void {
    this.line(marked("warning", text));
  }

  notice(text: string): void {
    this.line(marked("notice", text));
  }

  /** Releases what is held back because it might begin a secret. */
  flush(): Promise<void> | void {
    return this.send(this.stream.flush());
  }

  private send(pieces: readonly Uint8Array[]): Promise<void> | void {
    const first = pieces[0];
    if (first === undefined) return undefined;
    const answer = this.reporter.log(this.step, pieces.length === 1 ? first : Buffer.concat(pieces));
    return answer?.catch(dropped);
  }
}

/** The receiver has given up on the log, and ends the job by its signal: further output is lost. */
function dropped(): void {
  // Nothing is left to do here.
}

function marked(kind: string, text: string): string {
  return text
    .split("\n")
    .map((line) => `##[${kind}]${line}`)
    .join("\n");
}
