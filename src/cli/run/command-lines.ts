import { type Command, parseCommand } from "../../job/index.ts";
import { paint } from "../terminal.ts";

/** Bytes of a possible command that are held until its line ends. */
const longest = 65_536;
const newline = 10;

/**
 * Formats the workflow commands in a job's output for people: `::error file=a.js,line=3::No.` becomes `error a.js:3:
 * No.` Everything else passes through unchanged, including lines without an end.
 */
export class CommandLines {
  /** The start of a line that may become a command. */
  #held: Buffer = Buffer.alloc(0);
  /** The current line is not a command, and its start has been passed through. */
  #within = false;

  push(bytes: Uint8Array): Buffer {
    const all = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    this.#held = Buffer.alloc(0);
    const parts: Buffer[] = [];
    /** Start of the bytes to pass through. */
    let from = 0;
    for (let at = 0; at < all.length; ) {
      const end = all.indexOf(newline, at);
      if (!this.#within && mayBeCommand(all, at)) {
        if (end < 0 && all.length - at <= longest) {
          this.#held = all.subarray(at);
          parts.push(all.subarray(from, at));
          return Buffer.concat(parts);
        }
        const shown = end < 0 ? undefined : show(all.toString("utf8", at, end));
        if (shown !== undefined) {
          parts.push(all.subarray(from, at), Buffer.from(shown));
          from = end + 1;
        }
      }
      this.#within = end < 0;
      at = end < 0 ? all.length : end + 1;
    }
    parts.push(all.subarray(from));
    return Buffer.concat(parts);
  }

  /** Completes a line that has no end. */
  endLine(): Buffer {
    const open = this.#within || this.#held.length > 0;
    const rest = open ? Buffer.concat([this.#held, Buffer.from("\n")]) : this.#held;
    this.#held = Buffer.alloc(0);
    this.#within = false;
    return rest;
  }
}

const starts = [Buffer.from("::"), Buffer.from("##[")];

function mayBeCommand(all: Buffer, at: number): boolean {
  return starts.some((start) => {
    const length = Math.min(start.length, all.length - at);
    return all.compare(start, 0, length, at, at + length) === 0;
  });
}

/** The line for people; undefined if it is better left as it is. */
function show(line: string): string | undefined {
  const command = parseCommand(line.replace(/\r$/, ""));
  switch (command?.name) {
    case "error":
      return message(command, "red");
    case "warning":
      return message(command, "yellow");
    case "notice":
      return message(command, "blue");
    case "debug":
      return `${paint("dim", command.data)}\n`;
    case "group":
      return `${paint("bold", `▾ ${command.data}`)}\n`;
    case "endgroup":
      return "";
    case undefined:
    default:
      return undefined;
  }
}

function message({ name, properties, data }: Command, colour: "red" | "yellow" | "blue"): string {
  const { file, line, title } = properties;
  const place = file === undefined ? "" : ` ${file}${line === undefined ? "" : `:${line}`}`;
  return `${paint(colour, name)}${place}: ${title === undefined ? "" : `${title}: `}${data}\n`;
}
