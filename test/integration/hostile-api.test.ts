import { Agent, request } from "node:http";
import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { codes, problemSchema, schedulesSchema } from "../../src/model/index.ts";
import type { RunningServer } from "../../src/server/index.ts";
import { Place, client, eventually, remote } from "./running-server.ts";

/**
 * Calls every operation of the API document with hostile values: whatever comes, no answer is a 5xx, and every refusal
 * is a problem document with a code of ours.
 */

const postgres = process.env["SLUICE_TEST_POSTGRES"];
const rounds = 40;
/** A request that is to wait, and is good, is let go after so long, in milliseconds. */
const patience = 400;
/** No other takes so long, whatever else the machine does. */
const forever = 60_000;

const jsonSchema = z.looseObject({});
type JsonSchema = z.infer<typeof jsonSchema>;
const operationSchema = z.object({
  parameters: z
    .array(z.object({ name: z.string(), in: z.enum(["path", "query", "header"]), schema: jsonSchema.optional() }))
    .default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: jsonSchema.default({}) })) }).optional(),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), jsonSchema) }),
});
type Operation = z.infer<typeof operationSchema> & { readonly method: string; readonly path: string };

/** What a careless handler stumbles over, as text: numbers at every edge, paths, NUL, halves of characters, line breaks, patterns. */
const hostileTexts = [
  "",
  " ",
  "0",
  "-1",
  "1",
  "1e9",
  "1.5",
  "NaN",
  "Infinity",
  "-0",
  "2147483647",
  "2147483648",
  "4294967296",
  "9007199254740991",
  "9007199254740992",
  "9223372036854775807",
  "18446744073709551616",
  "..",
  ".",
  "../../etc/passwd",
  "/etc/passwd",
  "%2e%2e",
  "a/b/c",
  "a\\b",
  "\0",
  "a\0b",
  "\r\nset-cookie: x=1",
  "\u{1F4A9}",
  "\uFEFF",
  "\u202E",
  "'; drop table run; --",
  "%",
  "_%",
  "\\",
  "[",
  "{",
  "null",
  "true",
  "[]",
  "{}",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "refs/heads/main",
  "HEAD",
  "-rf",
  "--upload-pack=touch x",
  "main..topic",
  "@{-1}",
  "x".repeat(65),
  "x".repeat(1025),
  "é".repeat(200),
  "*".repeat(100),
  "(a+)+$",
  "<script>alert(1)</script>",
];
const hostileValues: readonly unknown[] = [
  ...hostileTexts,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  1e308,
  [],
  {},
  [[]],
  [null],
  { "": "" },
  { a: { b: { c: [] } } },
  Array.from({ length: 2000 }, () => 0),
  JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`),
];
/** Halves of surrogate pairs cannot stand in an address, but JSON may carry them. */
const brokenTexts = ["\ud800", "a\udc00b"];

function operationsOf(document: unknown): readonly Operation[] {
  const { paths } = documentSchema.parse(document);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
}

/** Values that fit a schema, more or less: what is near to being right gets further than what is plainly wrong. */
function fitting(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...(schema["enum"] as unknown[]));
  if ("const" in schema) return fc.constant(schema["const"]);
  const either = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(either)) return fc.oneof(...either.map((each) => fitting(jsonSchema.parse(each), known)));
  if (schema["type"] === "integer" || schema["type"] === "number")
    return fc.constantFrom(schema["minimum"] ?? 0, 1, 2, schema["maximum"] ?? 2 ** 53 - 1);
  if (schema["type"] === "boolean") return fc.boolean();
  if (schema["type"] === "array")
    return fc.array(value(jsonSchema.parse(schema["items"] ?? {}), known), { maxLength: 3 });
  if (schema["type"] === "object") return record(schema, known);
  if (schema["type"] === "string")
    return fc.constantFrom(...known.texts, "name", "2026-01-01T00:00:00Z", ...brokenTexts);
  return fc.constantFrom(...hostileValues);
}

function record(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  const properties = Object.entries(jsonSchema.parse(schema["properties"] ?? {}));
  const needed = Array.isArray(schema["required"]) ? schema["required"].map(String) : [];
  return fc.record(
    Object.fromEntries(
      properties.map(([name, each]) => [name, right(name, value(jsonSchema.parse(each), known), known)]),
    ),
    { requiredKeys: needed },
  );
}

/** Mostly the right value, where one is known. */
function right(name: string, otherwise: fc.Arbitrary<unknown>, known: Known): fc.Arbitrary<unknown> {
  const values = known.right[name];
  return values === undefined
    ? otherwise
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, { weight: 2, arbitrary: otherwise });
}

function value(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 4, arbitrary: fitting(schema, known) },
    { weight: 1, arbitrary: fc.constantFrom(...hostileValues, ...brokenTexts) },
  );
}

/** Things that are there, so that calls get past "not found" and one wrong value is met by a handler's depths. */
interface Known {
  readonly texts: readonly string[];
  /** By the name of a parameter or field. */
  readonly right: Readonly<Record<string, readonly unknown[]>>;
}

interface Call {
  readonly method: string;
  readonly target: string;
  readonly body: Buffer | undefined;
  readonly type: string;
}

function callsOf(operation: Operation, known: Known): fc.Arbitrary<Call> {
  const text = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...known.texts) },
    { weight: 1, arbitrary: fc.constantFrom(...hostileTexts) },
    { weight: 1, arbitrary: fc.string({ maxLength: 40, unit: "binary" }) },
  );
  const names = operation.parameters.filter((each) => each.in !== "header");
  const parameters = fc.record(
    Object.fromEntries(
      names.map((each) => [
        each.name,
        right(each.name, fc.oneof(text, fitting(each.schema ?? {}, known)), known).map((one) =>
          String(one).toWellFormed(),
        ),
      ]),
    ),
    {
      requiredKeys: names.filter((each) => each.in === "path").map((each) => each.name),
    },
  );
  const [type = "application/json", content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const json =
    operation.requestBody === undefined || content === undefined
      ? fc.constant(undefined)
      : fc.oneof(value(content.schema, known), fc.constantFrom(...hostileValues));
  const body = json.map((each) =>
    each === undefined ? undefined : Buffer.from(type === "application/json" ? JSON.stringify(each) : String(each)),
  );
  return fc
    .record({ parameters, body })
    .map((made) => ({ method: operation.method, target: targetOf(operation, made.parameters), body: made.body, type }));
}

/** Every hostile text in every parameter, one at a time, while all else is right. */
function wrongOnes(operation: Operation, known: Known): readonly Call[] {
  const names = operation.parameters.filter((each) => each.in !== "header");
  const type = Object.keys(operation.requestBody?.content ?? {})[0] ?? "application/json";
  const body =
    operation.requestBody === undefined
      ? undefined
      : Buffer.from(type === "application/json" ? JSON.stringify(known.right) : "hello\n");
  const good = Object.fromEntries(
    names
      .filter((each) => each.in === "path" || each.name in known.right)
      .map((each) => [each.name, String(known.right[each.name]?.[0] ?? "1")]),
  );
  return names.flatMap(({ name }) =>
    hostileTexts.map((text) => ({
      method: operation.method,
      target: targetOf(operation, { ...good, [name]: text }),
      body,
      type,
    })),
  );
}

function targetOf(operation: Operation, values: Readonly<Record<string, string | undefined>>): string {
  const path = operation.path.replace(/\{([^}]+)\}/g, (_whole, name: string) => encodeURIComponent(values[name] ?? ""));
  const query = operation.parameters
    .filter((each) => each.in === "query" && values[each.name] !== undefined)
    .map((each) => `${each.name}=${encodeURIComponent(values[each.name] ?? "")}`);
  return query.length === 0 ? path : `${path}?${query.join("&")}`;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Sends a request as it stands: nothing tidies the path. Undefined when it has no answer after so many milliseconds. */
async function send(
  server: RunningServer,
  agent: Agent,
  token: string,
  call: Call,
  limit: number,
): Promise<Answer | undefined> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(call.body === undefined ? {} : { "content-type": call.type, "content-length": String(call.body.length) }),
    };
    const asked = request({ agent, hostname, port, method: call.method, path: call.target, headers }, (answer) => {
      clearTimeout(timer);
      const { statusCode: status = 0, headers: got } = answer;
      const type = got["content-type"] ?? "";
      if (type.startsWith("text/event-stream")) {
        resolve({ status, type, text: "" });
        return void asked.destroy();
      }
      const chunks: Buffer[] = [];
      answer
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .once("end", () => resolve({ status, type, text: Buffer.concat(chunks).toString() }));
    });
    const timer = setTimeout(() => {
      resolve(undefined);
      asked.destroy();
    }, limit);
    asked.on("error", reject);
    asked.end(call.body);
  });
}

/** Says what is wrong with an answer: a 5xx, or a refusal that is no problem document of ours. */
function whatIsWrong({ status, type, text }: Answer): string | undefined {
  if (status >= 500) return `${status} ${text}`;
  if (status < 400) return undefined;
  if (!type.startsWith("application/problem+json")) return `${status} as ${type}`;
  const problem = problemSchema.safeParse(JSON.parse(text));
  return problem.success && Object.hasOwn(codes, problem.data.code) && problem.data.status === status
    ? undefined
    : `${status} ${text}`;
}

async function scratchDatabase(): Promise<AsyncDisposable & { readonly url: string }> {
  const name = `sluice_hostile_${randomBytes(6).toString("hex")}`;
  const run = async (text: string): Promise<void> => {
    const database = new Client({ connectionString: postgres });
    await database.connect();
    await database.query(text).finally(() => database.end());
  };
  await run(`create database ${name}`);
  const url = new URL(postgres ?? "");
  url.pathname = `/${name}`;
  return { url: url.href, [Symbol.asyncDispose]: async () => run(`drop database if exists ${name} with (force)`) };
}

const ends = /\/(report|cancel|rerun)$/;
const waits = /\/(lease|heartbeat)$/;
const databases = [
  ["SQLite", undefined],
  ...(postgres === undefined ? [] : [["PostgreSQL", postgres] as const]),
] as const;

describe.each(databases)("every operation of the API, on %s", (_name, where) => {
  it("answers hostile values with a problem document of ours, and never with a defect", async () => {
    await using database = where === undefined ? undefined : await scratchDatabase();
    await using place = await Place.create();
    const server = await place.start({
      runner: { embedded: false },
      ...(database === undefined ? {} : { database: database.url }),
    });
    const admin = server.firstToken ?? "";
    const api = client(server.url, admin);
    const tree = await place.tree("tree", {
      ".github/workflows/ci.yml":
        "on: {push: {}, schedule: [{cron: '0 0 1 1 *'}]}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello\n",
    });
    await place.git(tree, "push", "--quiet", remote(server, "app", admin), "main");
    const runner = (await (
      await api.send("POST", "/api/v1/runner/register", { name: "r", labels: ["ubuntu-latest"], capacity: 2 })
    ).json()) as { token: string };
    const lease = { labels: ["ubuntu-latest"], free: 1, holds: [], waitMs: 30_000 };
    const [job] = await eventually(async () => {
      const { assignments } = (await (
        await client(server.url, runner.token).send("POST", "/api/v1/runner/lease", lease)
      ).json()) as { assignments: { lease: { job: string }; run: { id: string } }[] };
      return assignments.length === 0 ? undefined : assignments;
    });
    const schedule = await eventually(
      async () => schedulesSchema.parse(await (await api.get("/api/v1/schedules")).json()).schedules[0],
    );
    const ids = [job?.lease.job ?? "", job?.run.id ?? "", schedule.id];
    const known: Known = {
      texts: [...ids, "app", "1"],
      right: {
        job: [ids[0]],
        id: ids,
        fence: [1],
        step: [0, 1],
        name: ["app"],
        from: [0],
        ref: ["main"],
        waitMs: [0],
        offset: [0],
        q: ["a"],
        key: ["k"],
        version: ["v"],
        restoreKeys: ["[]"],
        labels: [[]],
        free: [1],
        holds: [[]],
        entries: [[]],
        capacity: [1],
        role: ["viewer"],
        mode: ["all"],
        token: ["x"],
        inputs: [{}],
      },
    };
    const document: unknown = await (await fetch(`${server.url}/openapi.json`)).json();
    // What ends the job comes last.
    const operations = operationsOf(document).toSorted(
      (left, right) => Number(ends.test(left.path)) - Number(ends.test(right.path)),
    );
    expect(operations.length).toBeGreaterThan(25);
    const defects: string[] = [];
    const served = new Set<string>();
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    for (const operation of operations) {
      // A runner's own token opens the runner routes only, an admin's the others.
      const token =
        operation.path.startsWith("/api/v1/runner/") && !operation.path.endsWith("/register") ? runner.token : admin;
      const tryOut = async (call: Call): Promise<void> => {
        const answer = await send(server, agent, token, call, waits.test(operation.path) ? patience : forever);
        if (answer !== undefined && answer.status < 400) served.add(`${operation.method} ${operation.path}`);
        const wrong =
          answer === undefined ? (waits.test(operation.path) ? undefined : "no answer") : whatIsWrong(answer);
        if (wrong !== undefined)
          defects.push(`${call.method} ${call.target} ${call.body?.toString().slice(0, 200) ?? ""}: ${wrong}`);
      };
      const single = wrongOnes(operation, known);
      for (let at = 0; at < single.length; at += 8) await Promise.all(single.slice(at, at + 8).map(tryOut));
      await fc.assert(fc.asyncProperty(callsOf(operation, known), tryOut), { numRuns: rounds });
    }
    agent.destroy();
    expect(defects).toEqual([]);
    // Calls must get past the door, or this would prove nothing.
    expect(operations.length - served.size).toBeLessThan(8);
    expect(place.logged.filter((line) => line.includes("a request failed"))).toEqual([]);
  });
});
