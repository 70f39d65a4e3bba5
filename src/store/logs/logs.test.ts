import { execFileSync, spawnSync } from "node:child_process";
import { copyFile, mkdtemp, readdir, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LogOptions, type OpenedLogs, openLogs } from "./open.ts";

let dir: string;
const opened: OpenedLogs[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-logs-"));
});
afterEach(async () => {
  for (const logs of opened.splice(0)) await logs.end();
  await rm(dir, { recursive: true });
});

function open(options: LogOptions = {}): OpenedLogs {
  const logs = openLogs(dir, {
    onCompressFailure: (error) => {
      throw error;
    },
    ...options,
  });
  opened.push(logs);
  return logs;
}

const job = "01JABCDEFGHJKMNPQRSTVWXYZ0";
const folder = () => join(dir, "01JAB", job);
const never = new AbortController().signal;

/** zstd's own program, or Node's streaming decoder where it is not installed. */
function zstd(): [string, ...string[]] {
  const installed = spawnSync("zstd", ["--version"]).status === 0;
  const decoder =
    'require("node:fs").createReadStream(process.argv[1]).pipe(require("node:zlib").createZstdDecompress()).pipe(process.stdout)';
  return installed ? ["zstd", "-dc"] : [process.execPath, "--eval", decoder];
}

async function rawOf(logs: OpenedLogs, offset = 0, of = job): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of logs.raw(of, 0, offset)) parts.push(part);
  return Buffer.concat(parts);
}

/** The lines as the simplest possible program tells them. */
function linesOf(content: Buffer, closed: boolean): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let at = 0; at < content.length; at += 1) {
    if (content[at] !== 10) continue;
    lines.push(content.toString("utf8", start, at).replace(/\r$/, ""));
    start = at + 1;
  }
  if (closed && start < content.length) lines.push(content.toString("utf8", start).replace(/\r$/, ""));
  return lines;
}

const line = (number: number) => Buffer.from(`${String(number).padStart(7, "0")}\n`);
const openFiles = async () => (await readdir("/proc/self/fd")).length;

/** What is left of a line where a long one is cut in any case. */
const beginning = (line: string) => line.slice(0, 10_000);

const chunk = fc.oneof(
  fc
    .string({ unit: fc.constantFrom("a", "b", "\n", "\r\n", "ü", "\u001B[31m", "𝕏", "\0"), maxLength: 60 })
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom("line\n", "\n", "no newline "))
    .map(([times, text]) => Buffer.from(text.repeat(times))),
  fc.integer({ min: 0, max: 60_000 }).map((size) => Buffer.alloc(size, 120)),
);

describe("step logs", () => {
  it("are the same however the bytes are split, repeated and overlapped, before and after close, and opened anew", async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(chunk, fc.nat({ max: 200 }), fc.boolean()), { maxLength: 12 }),
        fc.boolean(),
        fc.array(fc.tuple(fc.integer({ min: -50, max: 4_000 }), fc.nat({ max: 300 })), { minLength: 1, maxLength: 6 }),
        async (writes, compressed, reads) => {
          round += 1;
          const id = `JOB${round}`;
          let logs = open({ compressFrom: compressed ? 0 : Number.POSITIVE_INFINITY, openAtOnce: 1 });
          let content = Buffer.alloc(0);
          for (const [bytes, overlap, reopen] of writes) {
            const back = Math.min(overlap, content.length);
            const sent = Buffer.concat([content.subarray(content.length - back), bytes]);
            const answer = await logs.append(id, 0, content.length - back, sent, 1_000 + round);
            content = Buffer.concat([content, bytes]);
            expect(answer).toEqual({ length: content.length, lines: linesOf(content, false).length });
            if (reopen) {
              await logs.end();
              logs = open({ compressFrom: compressed ? 0 : Number.POSITIVE_INFINITY });
            }
          }
          const check = async (closed: boolean) => {
            const lines = linesOf(content, closed);
            expect(await logs.size(id, 0)).toEqual({ lines: lines.length, bytes: content.length, closed });
            expect((await rawOf(logs, 0, id)).equals(content)).toBe(true);
            const middle = Math.floor(content.length / 2);
            expect((await rawOf(logs, middle, id)).equals(content.subarray(middle))).toBe(true);
            for (const [first, count] of reads) {
              const from = first < 0 ? Math.max(1, lines.length + first + 1) : Math.max(1, first);
              const page = await logs.read(id, 0, first, count);
              const expected = lines.slice(from - 1, from - 1 + count);
              expect(page).toMatchObject({ first: from, total: lines.length, bytes: content.length, closed });
              expect(page.lines.map(beginning)).toEqual(expected.map(beginning));
              expect(page.times).toHaveLength(expected.length);
            }
          };
          await check(false);
          await logs.close(id, 0);
          await check(true);
          await logs.settle();
          await check(true);
          await logs.close(id, 0);
          await logs.end();
          logs = open();
          await check(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("answer an append that repeats, and refuse one that leaves a gap or comes after the close", async () => {
    const logs = open();
    expect(await logs.append(job, 0, 0, Buffer.from("one\ntw"), 5)).toEqual({ length: 6, lines: 1 });
    expect(await logs.append(job, 0, 0, Buffer.from("one\ntw"), 6)).toEqual({ length: 6, lines: 1 });
    expect(await logs.append(job, 0, 3, Buffer.from("\n"), 6)).toEqual({ length: 6, lines: 1 });
    await expect(logs.append(job, 0, 7, Buffer.from("x"), 7)).rejects.toMatchObject({ code: "log-gap", length: 6 });
    await logs.close(job, 0);
    expect(await logs.append(job, 0, 4, Buffer.from("tw"), 8)).toEqual({ length: 6, lines: 2 });
    await expect(logs.append(job, 0, 4, Buffer.from("two"), 8)).rejects.toMatchObject({ code: "log-closed" });
    expect(await logs.read(job, 0, 1, 9)).toEqual({
      first: 1,
      lines: ["one", "tw"],
      times: [5, 5],
      total: 2,
      bytes: 6,
      closed: true,
    });
  });

  it("put simultaneous appends in order of their offsets' fit, never mixed", async () => {
    const logs = open();
    await Promise.all(
      Array.from({ length: 500 }, (_, number) => logs.append(job, 0, number * 8, line(number), number)),
    );
    expect((await rawOf(logs)).toString()).toBe(
      Array.from({ length: 500 }, (_, number) => line(number).toString()).join(""),
    );
  });

  it("are empty until the first append, and can be closed without output", async () => {
    const logs = open();
    expect(await logs.size(job, 0)).toEqual({ lines: 0, bytes: 0, closed: false });
    expect(await logs.read(job, 0, -10, 10)).toEqual({
      first: 1,
      lines: [],
      times: [],
      total: 0,
      bytes: 0,
      closed: false,
    });
    expect(await rawOf(logs)).toHaveLength(0);
    expect(await readdir(dir)).toEqual([]);
    await logs.close(job, 0);
    expect(await open().size(job, 0)).toEqual({ lines: 0, bytes: 0, closed: true });
  });

  it("remember when lines arrived, to a tenth of a second", async () => {
    const logs = open();
    let offset = 0;
    for (let number = 0; number < 2_000; number += 1) {
      const { length } = await logs.append(job, 0, offset, Buffer.from(`line ${number}\n`), 10_000 + number * 50);
      offset = length;
    }
    for (const close of [true, false]) {
      const page = await logs.read(job, 0, 900, 700);
      const off = page.times.map((time, at) => 10_000 + (899 + at) * 50 - time);
      expect(Math.max(...off)).toBeLessThan(100);
      expect(Math.min(...off)).toBeGreaterThanOrEqual(0);
      if (close) await logs.close(job, 0);
      await logs.settle();
    }
  });

  it("cut a very long line for reading, keep its bytes, and find the lines around it", async () => {
    const logs = open({ compressFrom: 0 });
    const long = Buffer.concat([
      Buffer.from("ü".repeat(32_767)),
      Buffer.from("x𝕏"),
      Buffer.alloc(6_000_000, 121),
      Buffer.from("needle"),
      Buffer.alloc(100, 121),
    ]);
    const content = Buffer.concat([Buffer.from("before\n"), long, Buffer.from("\nafter\n")]);
    for (let at = 0; at < content.length; at += 1 << 20)
      await logs.append(job, 0, at, content.subarray(at, at + (1 << 20)), 1);
    for (const close of [true, false]) {
      const page = await logs.read(job, 0, 1, 10);
      expect(page.lines).toEqual(["before", `${"ü".repeat(32_767)}x … (cut at 64 KiB)`, "after"]);
      expect((await logs.read(job, 0, -1, 1)).lines).toEqual(["after"]);
      const found = await logs.search(job, 0, "NEEDLE", { from: 1, limit: 5, signal: never });
      expect(found.matches).toEqual([{ line: 2, text: expect.stringContaining("needle") }]);
      expect(found.matches[0]?.text.length).toBeLessThan(1_100);
      if (close) await logs.close(job, 0);
      await logs.settle();
    }
    expect((await rawOf(logs)).equals(content)).toBe(true);
  });

  it("give a page of bounded size when all lines are very long", async () => {
    const logs = open();
    const long = Buffer.concat([Buffer.alloc(100_000, 97), Buffer.from("\n")]);
    for (let number = 0; number < 200; number += 1) await logs.append(job, 0, number * long.length, long, 1);
    const page = await logs.read(job, 0, 1, 200);
    expect(page.lines.length).toBe(64);
    expect((await logs.read(job, 0, 65, 200)).first).toBe(65);
  });

  it("survive a kill at every step of closing", async () => {
    const content = Buffer.from(Array.from({ length: 20_000 }, (_, number) => `line ${number}\n`).join(""));
    const before = open({ compressFrom: 0 });
    await before.append(job, 0, 0, content, 1);
    await before.end();
    await copyFile(join(folder(), "0.log"), join(dir, "copy"));
    const closing = open({ compressFrom: 0 });
    await closing.close(job, 0);
    await closing.end();
    expect((await readdir(folder())).toSorted()).toEqual(["0.idx", "0.zst"]);

    // Killed after the compressed file took its name, before the plain one was removed.
    await rename(join(dir, "copy"), join(folder(), "0.txt"));
    const both = open();
    expect((await rawOf(both)).equals(content)).toBe(true);
    expect(await both.size(job, 0)).toMatchObject({ closed: true, lines: 20_000 });
    await both.end();
    expect((await readdir(folder())).toSorted()).toEqual(["0.idx", "0.zst"]);

    // Killed while compressing.
    await writeFile(join(folder(), "0.txt"), content);
    await rename(join(folder(), "0.zst"), join(folder(), "0.zst.000000000000.tmp"));
    const plain = open({ compressFrom: 0 });
    expect(await plain.size(job, 0)).toMatchObject({ closed: true, lines: 20_000 });
    expect((await plain.read(job, 0, 19_999, 9)).lines).toEqual(["line 19998", "line 19999"]);
    await plain.close(job, 0);
    await plain.settle();
    expect(await readdir(folder())).toContain("0.zst");
    expect((await rawOf(plain)).equals(content)).toBe(true);
  });

  it("are compressed later when a kill came before", async () => {
    const logs = open({ compressFrom: Number.POSITIVE_INFINITY });
    await logs.append(job, 0, 0, Buffer.from("line\n".repeat(1_000)), 1);
    await logs.close(job, 0);
    await logs.end();
    expect((await readdir(folder())).toSorted()).toEqual(["0.idx", "0.txt"]);
    const again = open({ compressFrom: 0 });
    expect((await again.read(job, 0, -1, 1)).lines).toEqual(["line"]);
    await again.settle();
    expect((await readdir(folder())).toSorted()).toEqual(["0.idx", "0.zst"]);
    expect((await again.read(job, 0, -1, 1)).total).toBe(1_000);
  });

  it("may be removed while they are being compressed", async () => {
    const failures: unknown[] = [];
    const logs = open({ compressFrom: 0, onCompressFailure: (error) => failures.push(error) });
    for (let step = 0; step < 5; step += 1) {
      await logs.append(job, step, 0, Buffer.alloc(2_000_000, "x\n"), 1);
      await logs.close(job, step);
    }
    await logs.remove(job);
    await logs.settle();
    expect(failures).toEqual([]);
    expect(await logs.size(job, 0)).toEqual({ lines: 0, bytes: 0, closed: false });
  });

  it.each([
    ["is missing", (path: string) => rm(path)],
    ["ends in the middle of a mark", (path: string) => truncate(path, 24 * 3 + 7)],
    ["lags behind", (path: string) => truncate(path, 24 * 5)],
    ["is zeros", (path: string) => writeFile(path, Buffer.alloc(24 * 700))],
    [
      "is about bytes that never reached the disk",
      (path: string) => writeFile(path, Buffer.from(new Float64Array([0, 0, 1, 9e15, 3, 2]).buffer)),
    ],
    ["is not a number", (path: string) => writeFile(path, Buffer.alloc(24 * 3, 0xff))],
  ])("are complete when the index %s", async (_, damage) => {
    const logs = open();
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, number) => `line ${number}\n`).join(""));
    await logs.append(job, 0, 0, content, 1);
    await logs.end();
    await damage(join(folder(), "0.idx"));
    const again = open();
    expect(await again.size(job, 0)).toEqual({ lines: 100_000, bytes: content.length, closed: false });
    expect((await again.read(job, 0, 77_778, 2)).lines).toEqual(["line 77777", "line 77778"]);
    expect(await again.append(job, 0, content.length, Buffer.from("more\n"), 2)).toEqual({
      length: content.length + 5,
      lines: 100_001,
    });
  });

  it("compress to what zstd itself can read", async () => {
    const logs = open({ compressFrom: 0 });
    const content = Buffer.from("the same line again and again\n".repeat(30_000));
    await logs.append(job, 0, 0, content, 1);
    await logs.close(job, 0);
    await logs.settle();
    expect((await stat(join(folder(), "0.zst"))).size).toBeLessThan(content.length / 20);
    const [reader, ...options] = zstd();
    expect(execFileSync(reader, [...options, join(folder(), "0.zst")], { maxBuffer: 1 << 28 }).equals(content)).toBe(
      true,
    );
  });

  it("say so when a compressed log is damaged", async () => {
    const logs = open({ compressFrom: 0 });
    await logs.append(job, 0, 0, Buffer.from("x\n".repeat(10_000)), 1);
    await logs.close(job, 0);
    await logs.end();
    await truncate(join(folder(), "0.zst"), 20);
    await expect(open().read(job, 0, 1, 1)).rejects.toMatchObject({ code: "storage-broken" });
  });

  it("are searched without regard to case and colours, from a line, up to a limit", async () => {
    const logs = open();
    const lines = [
      "Hello",
      "\u001B[31mhe\u001B[0mLLo World\u001B]0;hello title\u0007",
      "",
      "nothing",
      "ÄPFEL hello\r",
      "\u001B]8;;http://hello\u001B\\link\u001B]8;;\u001B\\ \u001BPhello\u001B\\ \u001B^hello, unterminated",
    ];
    await logs.append(job, 0, 0, Buffer.from(`${lines.join("\n")}\nhello without end`), 1);
    const search = (text: string, from = 1, limit = 9) => logs.search(job, 0, text, { from, limit, signal: never });
    expect(await search("HELLO")).toEqual({
      matches: [
        { line: 1, text: "Hello" },
        { line: 2, text: "heLLo World" },
        { line: 5, text: "ÄPFEL hello" },
      ],
      more: false,
    });
    expect(await search("hello", 2, 1)).toEqual({ matches: [{ line: 2, text: "heLLo World" }], more: true });
    expect(await search("hello", 3, 1)).toEqual({ matches: [{ line: 5, text: "ÄPFEL hello" }], more: false });
    expect((await search("äpfel")).matches).toHaveLength(1);
    expect((await search("")).matches).toEqual([]);
    expect((await search("hello\nhe")).matches).toEqual([]);
    expect((await search("hello", 999)).matches).toEqual([]);
    await logs.close(job, 0);
    expect((await search("without end")).matches).toEqual([{ line: 7, text: "hello without end" }]);
    const aborted = AbortSignal.abort(new Error("gone"));
    await expect(logs.search(job, 0, "x", { from: 1, limit: 1, signal: aborted })).rejects.toThrow("gone");
  });

  it("are searched like a naive program does", async () => {
    const logs = open();
    const content = Array.from(
      { length: 60_000 },
      (_, number) => `line ${number} ${number % 977 === 0 ? "Prime" : "other"}`,
    ).join("\n");
    await logs.append(job, 0, 0, Buffer.from(`${content}\n`), 1);
    const expected = content
      .split("\n")
      .flatMap((text, at) => (text.includes("Prime") ? [{ line: at + 1, text }] : []));
    expect(await logs.search(job, 0, "prime", { from: 1, limit: 1_000, signal: never })).toEqual({
      matches: expected,
      more: false,
    });
  });

  it("know their errors, and where to begin: at what is said outright, else at what looks like one, else at the runner's closing word", async () => {
    const logs = open();
    const errors = async (step: number) => logs.errors(job, step, { limit: 3, signal: never });
    const closing = "##[error]Process completed with exit code 2.\n";
    const filler = "fine ::error::not at the start\n::errors::no\n##[warning]no\n".repeat(20_000);
    await logs.append(job, 0, 0, Buffer.from(filler), 1);
    expect(await errors(0)).toEqual({ first: null, lines: [], more: false });
    await logs.append(job, 0, filler.length, Buffer.from(closing), 1);
    expect(await errors(0)).toEqual({ first: 60_001, lines: [60_001], more: false });
    const middle = `${"compiled\n".repeat(100_000)}src/a.ts:1:2: error: no\n${"compiled\n".repeat(100_000)}`;
    await logs.append(job, 1, 0, Buffer.from(middle + closing), 1);
    expect(await errors(1)).toEqual({ first: 100_001, lines: [100_001], more: false });
    await logs.append(
      job,
      1,
      middle.length + closing.length,
      Buffer.from("::error file=a.ts,line=1::broken\nError: a\nError: b\nError: c\n"),
      1,
    );
    expect(await errors(1)).toEqual({ first: 200_003, lines: [100_001, 200_003, 200_004], more: true });
    const long = `${"x".repeat(700_000)}\n\u2716 wrong\n`;
    await logs.append(job, 2, 0, Buffer.from(long), 1);
    expect(await errors(2)).toEqual({ first: 2, lines: [2], more: false });
  });

  it.skipIf(process.platform !== "linux")("keep few files open however many there are", async () => {
    const logs = open({ openAtOnce: 4 });
    const before = await openFiles();
    const all = Array.from({ length: 100 }, (_, step) => step);
    for (let round = 0; round < 3; round += 1)
      await Promise.all(all.map((step) => logs.append(job, step, round * 2, Buffer.from(`${round}\n`), 1)));
    for (const step of all) expect((await logs.read(job, step, 1, 9)).lines).toEqual(["0", "1", "2"]);
    expect((await openFiles()) - before).toBeLessThan(14);
  });

  it("are removed with their job", async () => {
    const logs = open();
    await logs.append(job, 0, 0, Buffer.from("x\n"), 1);
    await logs.append("JOB2", 0, 0, Buffer.from("y\n"), 1);
    await logs.remove(job);
    await logs.remove(job);
    expect(await logs.size(job, 0)).toEqual({ lines: 0, bytes: 0, closed: false });
    expect((await logs.read("JOB2", 0, 1, 1)).lines).toEqual(["y"]);
  });

  it.each(["..", "a/b", "", "x".repeat(65), "a\0b", "a.b"])("refuse the job id %j", async (id) => {
    const logs = open();
    await expect(logs.append(id, 0, 0, Buffer.from("x"), 1)).rejects.toMatchObject({ code: "call-invalid" });
    await expect(logs.remove(id)).rejects.toMatchObject({ code: "call-invalid" });
  });

  it.each([-1, 1.5, Number.NaN])("refuse the step %d", async (step) => {
    await expect(open().append(job, step, 0, Buffer.from("x"), 1)).rejects.toMatchObject({ code: "call-invalid" });
  });
});
