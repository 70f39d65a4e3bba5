import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { conformance } from "../support/conformance.ts";
import { commitAll, runSluice } from "../support/sluice.ts";

const manifest = z.array(
  z.object({
    workflow: z.string(),
    event: z.string(),
    expect: z.enum(["success", "failure"]),
    backends: z.array(z.string()),
  }),
);
const finished = z.object({ type: z.literal("run.finished"), status: z.string() });

const folder = conformance === undefined ? undefined : join(conformance, "actions");
const rows =
  folder === undefined ? [] : manifest.parse(JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")));

describe.skipIf(folder === undefined)("Actions cases on the host backend", () => {
  let copy = "";
  beforeAll(async () => {
    copy = mkdtempSync(join(tmpdir(), "sluice-conformance-"));
    cpSync(folder ?? "", copy, { recursive: true });
    await commitAll(copy);
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true, maxRetries: 10 }));

  it.each(rows.filter((row) => row.backends.includes("host")))("$workflow ends in $expect", async (row) => {
    const payload = join(copy, row.workflow, "event.json");
    const extra = existsSync(payload) ? ["--event-file", payload] : [];
    const { code, stdout, stderr } = await runSluice([
      "run",
      "--dir",
      copy,
      "--event",
      row.event,
      ...extra,
      "--backend",
      "host",
      "--json",
      join(copy, row.workflow),
    ]);
    const last: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "null");
    expect(finished.safeParse(last).data?.status, `${stdout}\n${stderr}`).toBe(row.expect);
    expect(code).toBe(row.expect === "success" ? 0 : 1);
  });
});
