import * as z from "zod";
import { describe, expect, it } from "vitest";
import { codec } from "./codec.ts";

const schema = z.object({ first: z.string(), last: z.string().optional(), tags: z.array(z.string()) });
/** Version 1 had one name, version 2 two, version 3 has tags. */
const people = codec({
  name: "people",
  schema,
  upgrades: [
    (value) => {
      const { name } = z.object({ name: z.string() }).parse(value);
      const [first = "", last] = name.split(" ");
      return { first, last };
    },
    (value) => ({ ...z.object({ first: z.string(), last: z.string().optional() }).parse(value), tags: [] }),
  ],
});
const place = "person 7";

describe("a codec", () => {
  it("writes the version beside the value, and reads what it wrote", () => {
    const ada = { first: "Ada", last: "Lovelace", tags: ["1815"] };
    expect(people.version).toBe(3);
    expect(JSON.parse(people.encode(ada))).toEqual({ v: 3, value: ada });
    expect(people.decode(people.encode(ada), place)).toEqual(ada);
  });

  it.each([
    ["1", '{"v":1,"value":{"name":"Ada Lovelace"}}'],
    ["1 without a frame", '{"name":"Ada Lovelace"}'],
    ["2", '{"v":2,"value":{"first":"Ada","last":"Lovelace"}}'],
  ])("upgrades a value of version %s, step by step", (_version, text) => {
    expect(people.decode(text, place)).toEqual({ first: "Ada", last: "Lovelace", tags: [] });
  });

  it("tells the frame from keys of a value of version 1", () => {
    const outputs = codec({ name: "outputs", schema: z.record(z.string(), z.string()) });
    expect(outputs.decode('{"v":"2","value":"x"}', place)).toEqual({ v: "2", value: "x" });
    expect(outputs.decode(outputs.encode({ v: "2", value: "x" }), place)).toEqual({ v: "2", value: "x" });
  });

  it("keeps keys that the schema does not know, and keys like __proto__", () => {
    const text = '{"v":1,"value":{"__proto__":"a","constructor":"b"}}';
    expect(codec({ name: "outputs", schema: z.record(z.string(), z.string()) }).decode(text, place)).toEqual(
      JSON.parse('{"__proto__":"a","constructor":"b"}'),
    );
    expect(people.decode('{"v":3,"value":{"first":"Ada","tags":[],"age":36}}', place)).toHaveProperty("age", 36);
  });

  it.each([
    ["", "it is not JSON"],
    ['{"v":3,"value":{"first":"Ada","ta', "it is not JSON"],
    ["null", "it does not match version 1"],
    ["[]", "it does not match version 1"],
    ['{"v":3,"value":null}', "Invalid input: expected object, received null"],
    ['{"v":3,"value":{"first":"Ada","tags":["a",1]}}', "tags.1: Invalid input: expected string, received number"],
    ['{"v":2,"value":{"first":1}}', "it does not match version 2"],
    ['{"v":0,"value":{}}', "it does not match version 1"],
    ['{"v":1.5,"value":{}}', "it does not match version 1"],
  ])("refuses damaged text: %s", (text, why) => {
    expect(() => people.decode(text, place)).toThrow(
      expect.objectContaining({
        code: "stored-invalid",
        message: `Cannot read the people stored in person 7: ${why}.`,
      }),
    );
  });

  it("refuses text that a later version of Sluice wrote", () => {
    expect(() => people.decode('{"v":4,"value":{"anything":true}}', place)).toThrow(
      expect.objectContaining({
        code: "stored-newer",
        message: "The people stored in person 7 have version 4, but this version of Sluice only knows up to 3.",
      }),
    );
  });

  it("refuses to write what it could not read back", () => {
    expect(() => people.encode({ first: "Ada", tags: [1 as unknown as string] })).toThrow(
      "Refused to store people that do not match their schema: tags.0: Invalid input: expected string, received number",
    );
  });
});
