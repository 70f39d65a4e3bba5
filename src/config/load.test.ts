import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig, parseConfig } from "./load.ts";
import { configJsonSchema } from "./schema.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-config-"));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe("the configuration", () => {
  it("is complete when the file is empty", () => {
    expect(parseConfig("", "sluice.yaml").config).toMatchObject({
      listen: { host: "127.0.0.1", port: 8420 },
      data: ".sluice-data",
      runner: { embedded: true, backend: "host" },
      artifacts: { retentionDays: 7 },
    });
  });

  it("reads addresses of every kind", () => {
    for (const [text, host, port] of [
      ["127.0.0.1:8420", "127.0.0.1", 8420],
      ["'[::1]:0'", "::1", 0],
      ["9000", "127.0.0.1", 9000],
      ["ci.example.org:80", "ci.example.org", 80],
    ] as const) {
      expect(parseConfig(`listen: ${text}`, "f").config.listen).toEqual({ host, port });
    }
  });

  it.each([
    ["runner:\n  embeded: true\n", 'f:2:3: runner: Unrecognized key: "embeded". Did you mean `embedded`?'],
    ["listn: 1\n", 'f:1:1: Unrecognized key: "listn". Did you mean `listen`?'],
    ["caches:\n  size: 1\n", 'f:2:3: caches: Unrecognized key: "size". Known keys: limitMiB, totalMiB.'],
    ["listen: 127.0.0.1:8420\nrunner:\n  capacity: many\n", "f:3:13: runner.capacity: "],
    ["listen: nowhere\n", "f:1:9: listen: expected HOST:PORT"],
    ["listen: 1.2.3.4:99999\n", "f:1:9: "],
    ["externalUrl: javascript:alert(1)\n", "f:1:14: externalUrl: "],
    [
      "externalUrl: https://ci.example.org/sluice\n",
      "f:1:14: externalUrl: expected http(s)://host[:port] without a path",
    ],
    ["database: mysql://x\n", "f:1:11: database: expected postgres://"],
    ["data: a\ndata: b\n", "f:2:1: Map keys must be unique"],
    ["a: [\n", "f:2:1: "],
    ["- list\n", "f:1:1: Invalid input"],
    [
      "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]\n",
      "f:1:1: Excessive alias count",
    ],
  ])("says where %j is wrong", (text, message) => {
    expect(() => parseConfig(text, "f")).toThrow(message);
  });

  it("takes the command line over the file, and paths relative to where they were written", async () => {
    const file = join(folder, "sluice.yaml");
    await writeFile(file, "data: here\nlisten: 127.0.0.1:1\n");
    expect(await loadConfig(file)).toMatchObject({ data: join(folder, "here"), listen: { port: 1 } });
    expect(await loadConfig(file, { data: "there", listen: "127.0.0.1:2" })).toMatchObject({
      data: join(process.cwd(), "there"),
      listen: { port: 2 },
    });
    await expect(loadConfig(file, { listen: "x" })).rejects.toMatchObject({ code: "config-invalid" });
    await expect(loadConfig(join(folder, "absent.yaml"))).rejects.toMatchObject({ code: "config-invalid" });
  });

  it("has a JSON Schema for editors", () => {
    expect(configJsonSchema()).toMatchObject({
      type: "object",
      additionalProperties: false,
      properties: { runner: { properties: { embedded: { type: "boolean" } } } },
    });
  });
});
