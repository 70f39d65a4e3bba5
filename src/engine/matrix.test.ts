import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../model/index.ts";
import { expandMatrix, matrixLimit } from "./matrix.ts";

const values = (matrix: Json): readonly Json[] => expandMatrix(matrix).map((cell) => cell.values);
const labels = (matrix: Json): readonly string[] => expandMatrix(matrix).map((cell) => cell.label);

function cellsOrError(matrix: Json): ReturnType<typeof expandMatrix> | Error {
  try {
    return expandMatrix(matrix);
  } catch (error) {
    if (error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError)) return error;
    throw error;
  }
}

describe("expandMatrix", () => {
  it("multiplies the lists, the last one varying fastest", () => {
    expect(labels({ os: ["linux", "mac"], node: [18, 20] })).toEqual(["linux, 18", "linux, 20", "mac, 18", "mac, 20"]);
  });

  it("follows the documented include example", () => {
    const matrix = {
      fruit: ["apple", "pear"],
      animal: ["cat", "dog"],
      include: [
        { color: "green" },
        { color: "pink", animal: "cat" },
        { fruit: "apple", shape: "circle" },
        { fruit: "banana" },
        { fruit: "banana", animal: "cat" },
      ],
    };
    expect(values(matrix)).toEqual([
      { fruit: "apple", animal: "cat", color: "pink", shape: "circle" },
      { fruit: "apple", animal: "dog", color: "green", shape: "circle" },
      { fruit: "pear", animal: "cat", color: "pink" },
      { fruit: "pear", animal: "dog", color: "green" },
      { fruit: "banana" },
      { fruit: "banana", animal: "cat" },
    ]);
    expect(labels(matrix)).toEqual(["apple, cat", "apple, dog", "pear, cat", "pear, dog", "banana", "banana, cat"]);
  });

  it("excludes what an entry matches in part, and lets include bring it back", () => {
    const matrix = {
      os: ["linux", "mac"],
      node: [4, 6],
      exclude: [{ os: "mac" }, { os: "LINUX", node: "4" }],
      include: [{ os: "mac", node: 4 }],
    };
    expect(values(matrix)).toEqual([
      { os: "linux", node: 6 },
      { os: "mac", node: 4 },
    ]);
  });

  it("compares nested values by their leaves", () => {
    const matrix = { env: [{ a: { b: 1, c: 2 } }, { a: { b: 2 } }], exclude: [{ env: { a: { b: 1 } } }] };
    expect(expandMatrix(matrix)).toEqual([{ values: { env: { a: { b: 2 } } }, label: "2" }]);
  });

  it("takes a matrix of include entries alone", () => {
    expect(labels({ include: [{ site: "a", zone: 1 }, { site: "b" }] })).toEqual(["a, 1", "b"]);
  });

  it.each<[string, Json, RegExp]>([
    ["a list", [1], /not an object of lists/],
    ["text", "x", /the string "x"/],
    ["nothing", {}, /no combinations left/],
    ["an empty list", { a: [] }, /"a" is an empty list/],
    ["a key that is no list", { a: 1 }, /"a" is the number 1/],
    ["an unknown exclude key", { a: [1], exclude: [{ b: 1 }] }, /excludes by "b"/],
    ["an empty include entry", { a: [1], include: [{}] }, /not an object with keys/],
    ["everything excluded", { a: [1], exclude: [{ a: 1 }] }, /no combinations left/],
    ["257 cells", { a: Array.from({ length: 257 }, (_, index) => index) }, /257 combinations; the limit is 256/],
    [
      "billions of cells",
      Object.fromEntries(["a", "b", "c", "d"].map((key) => [key, Array.from({ length: 1000 }, () => 0)])),
      /the limit is 256/,
    ],
  ])("refuses %s with a clear message", (_name, matrix, message) => {
    expect(() => expandMatrix(matrix)).toThrow(message);
  });

  it("either throws an Error or gives 1 to 256 cells that carry one value of every list", () => {
    const list = fc.array(fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), {
      minLength: 1,
      maxLength: 5,
    });
    const entry = fc.dictionary(
      fc.constantFrom("a", "b", "c", "x"),
      fc.oneof(fc.integer({ max: 2 }), fc.string({ maxLength: 1 })),
      { maxKeys: 3 },
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("a", "b", "c"), list),
        fc.array(entry, { maxLength: 3 }),
        fc.array(entry, { maxLength: 2 }),
        (vectors, include, exclude) => {
          const cells = cellsOrError({ ...vectors, include, exclude });
          const fine =
            cells instanceof Error ||
            (cells.length > 0 && cells.length <= matrixLimit && cells.every((cell) => cell.label.length <= 100));
          expect(fine).toBe(true);
        },
      ),
    );
  });

  it("handles keys of JavaScript's own objects", () => {
    expect(values(JSON.parse('{"__proto__":["a"],"constructor":["b"]}') as Json)).toHaveLength(1);
  });
});
