import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { until } from "../support/until.ts";
import type { Program } from "../support/program.ts";

/** The most memory that a log may cost, in MiB, however large it is. */
const memoryLimit = 600;

const workflow = (command: string): Record<string, string> => ({
  ".sluice/ci.yml": `triggers: [push]\nruns_on: [host]\nsteps:\n  - name: print\n    type: run_command\n    command: |\n      ${command.replaceAll("\n", "\n      ")}\n`,
});

function report(what: string, programs: Readonly<Record<string, Program>>): void {
  for (const [name, program] of Object.entries(programs)) {
    const peak = program.peakMemory();
    console.log(`${what}: ${name} had ${Math.round(peak)} MiB at the most`);
    expect(peak).toBeLessThan(memoryLimit);
  }
}

describe("hostile output", () => {
  it("a line of a gigabyte is stored completely, costs little memory, and delays no other request", {
    timeout: 600_000,
  }, async () => {
    await using place = await Installation.start({ config: { runner: { embedded: false } } });
    const runner = await place.startRunner("ann");
    const sha = await place.push("flood", workflow("head -c 1000000000 /dev/zero | tr '\\0' x\necho\necho the end"));
    const begun = performance.now();
    const run = await place.endOf(sha, 500);
    console.log(`a line of 1 GB took ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    expect(run.status).toBe("success");
    const { job, step } = await place.stepOf(sha, "main", "print");
    expect(step.bytes).toBeGreaterThanOrEqual(1_000_000_009);
    const end = await place.log(job.id, step.index, -2, 2);
    expect(end.lines.at(-1)).toBe("the end");
    const line = end.lines[0] ?? "";
    expect(line).toMatch(/^x{1000}/);
    expect(line.length).toBeLessThan(70_000);
    expect(line).not.toMatch(/^x*$/);
    // A search reads all of it; nobody else waits for it meanwhile.
    const order: string[] = [];
    const search = place
      .get<{ matches: { text: string }[] }>(`/api/v1/jobs/${job.id}/steps/${step.index}/log/search?q=the%20end`)
      .finally(() => order.push("search"));
    await place.get("/api/v1/runs").finally(() => order.push("answer"));
    const found = await search;
    expect(order).toEqual(["answer", "search"]);
    expect(found.matches.map((match) => match.text)).toContain("the end");
    report("a line of 1 GB", { "the server": place.server, "the runner": runner });
  });

  it("a log that reaches its limit says so, and the run ends as its steps do", async () => {
    await using place = await Installation.start({ config: { logs: { limitMiB: 2 } } });
    const sha = await place.push(
      "limit",
      workflow("yes 'a line that comes again and again' | head -c 50000000\necho the end\nexit 3"),
    );
    const run = await place.endOf(sha);
    expect(run.status).toBe("failure");
    const { job, step } = await place.stepOf(sha, "main", "print");
    expect(step.exitCode).toBe(3);
    expect(step.bytes).toBeLessThan(2 * 1024 * 1024 + 1000);
    const end = await until("the end of the log", async () => {
      const page = await place.log(job.id, step.index, -1, 1);
      return page.closed ? page : undefined;
    });
    expect(end.lines[0]).toMatch(/limit of 2097152 bytes; what follows is dropped/);
  });

  it("bytes that are no text, escape sequences and markup come out as they went in, and do nothing", async () => {
    await using place = await Installation.start();
    const hostile = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5, 0x0a]),
      Buffer.from(
        "\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b]8;;file:///etc/passwd\u001b\\link\u001b]8;;\u001b\\\n",
      ),
      Buffer.from("<script>alert(1)</script>\u2028\u202e\u0000\n"),
      Buffer.from("progress 1\rprogress 2\r\nno end of line at the end \u00e4".slice(0, -1)),
      Buffer.from([0xc3]),
    ]);
    const sha = await place.push("bytes", workflow(`echo ${hostile.toString("base64")} | base64 -d`));
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    const { job, step } = await place.stepOf(sha, "main", "print");
    const raw = await place.rawLog(job.id, step.index);
    expect(raw.includes(hostile.subarray(0, -1))).toBe(true);
    const page = await place.log(job.id, step.index);
    expect(page.lines.join("\n")).toContain("<script>alert(1)</script>");
    expect(page.lines.some((line) => line.includes("\ufffd"))).toBe(true);
    const served = await place.ask("GET", `/api/v1/jobs/${job.id}/steps/${step.index}/log/raw`);
    expect(served.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(served.headers.get("x-content-type-options")).toBe("nosniff");
    expect(served.headers.get("content-disposition")).toMatch(/^attachment/);
  });

  it("a million lines arrive as they were, and are answered at their end", async () => {
    await using place = await Installation.start();
    const sha = await place.push("lines", workflow("seq 1 1000000"));
    const run = await place.endOf(sha);
    expect(run.status).toBe("success");
    const { job, step } = await place.stepOf(sha, "main", "print");
    const end = await place.log(job.id, step.index, -100, 100);
    expect(end.lines).toEqual(Array.from({ length: 100 }, (_, index) => String(999_901 + index)));
    const log = (await place.rawLog(job.id, step.index)).toString();
    const expected = Array.from({ length: 1_000_000 }, (_, index) => `${index + 1}\n`).join("");
    expect(digest(log.slice(-expected.length))).toBe(digest(expected));
    report("a million lines", { "the server": place.server });
  });
});

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
