import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formsOf } from "./forms.ts";
import { createMasker, type MaskStream } from "./masker.ts";

function pass(stream: MaskStream, pieces: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...pieces.flatMap((piece) => stream.write(piece)), ...stream.flush()]);
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** The slow and obvious way: mark every byte of every occurrence, then write stars for each marked stretch. */
function reference(bytes: Buffer, forms: readonly Uint8Array[]): Buffer {
  const hidden = new Uint8Array(bytes.length);
  for (const form of forms) {
    for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) hidden.fill(1, at, at + form.length);
  }
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    if (hidden[at] === 0) out.push(bytes.subarray(at, at + 1));
    else if (at === 0 || hidden[at - 1] === 0) out.push(Buffer.from("***"));
  }
  return Buffer.concat(out);
}

describe("createMasker", () => {
  it("masks exactly the union of all forms, for any secrets, text and cuts", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", "'", "/", "\n", "ü", " "), maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 4 }),
        fc.array(fc.oneof(letters, fc.nat(30)), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (secrets, parts, sizes) => {
          const forms = secrets.flatMap((secret) => formsOf(secret));
          const bytes = Buffer.concat(
            parts.map((part) =>
              typeof part === "string"
                ? Buffer.from(part)
                : (forms[part % Math.max(1, forms.length)] ?? Buffer.from([0xff, 0xc3])),
            ),
          );
          const out = pass(createMasker(secrets).stream(), cut(bytes, sizes));
          expect(out.toString("latin1")).toBe(reference(bytes, forms).toString("latin1"));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("lets no form of a secret survive in arbitrary bytes", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, maxLength: 30 }),
        fc.uint8Array({ maxLength: 50 }),
        fc.uint8Array({ maxLength: 50 }),
        fc.integer({ min: 1, max: 60 }),
        (secret, before, after, size) => {
          fc.pre(secret.trim() !== "" && !secret.includes("*"));
          for (const form of formsOf(secret)) {
            const out = pass(createMasker([secret]).stream(), cut(Buffer.concat([before, form, after]), [size]));
            expect(out.includes(form)).toBe(false);
            expect(out.includes("***")).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("recognises base64 at each alignment inside a longer text, plain and URL-safe", () => {
    const secret = "s3cr3t/key?>~value";
    const masker = createMasker([secret]);
    for (const prefix of ["", "u", "us", "use"]) {
      const encoded = Buffer.from(`${prefix}${secret}:tail`);
      for (const coding of ["base64", "base64url", "hex"] as const) {
        const out = masker.mask(`x ${encoded.toString(coding)} y`);
        expect(out, `${prefix} ${coding}`).toContain("***");
        expect(out.length).toBeLessThan(encoded.toString(coding).length);
      }
    }
  });

  it.each([
    ["URL", encodeURIComponent("p ss/w'rd&\"<x>")],
    ["form", new URLSearchParams({ v: "p ss/w'rd&\"<x>" }).toString().slice(2)],
    ["JSON", JSON.stringify("p ss/w'rd&\"<x>").slice(1, -1)],
    ["single quotes", "p ss/w'\\''rd&\"<x>"],
    ["printf %q", "p\\ ss/w\\'rd\\&\\\"\\<x\\>"],
    ["XML", "p ss/w'rd&amp;\"&lt;x&gt;"],
  ])("recognises the %s form", (_name, form) => {
    expect(createMasker(["p ss/w'rd&\"<x>"]).mask(`<${form}>`)).toBe("<***>");
  });

  it("hides every line of a value of several lines, also wrapped base64 of it", () => {
    const key = `-----BEGIN KEY-----\n${"abcdefghijklmnopqrstuvwxyz0123456789".repeat(3)}\n${"zyxwv".repeat(10)}\n-----END KEY-----\n`;
    const masker = createMasker([key]);
    for (const line of key.trim().split("\n")) expect(masker.mask(`> ${line} <`)).toBe("> *** <");
    const encoded = Buffer.from(key).toString("base64").replace(/.{76}/g, "$&\n");
    for (const line of encoded.split("\n")) expect(masker.mask(line)).not.toContain(line.slice(0, -4));
  });

  it("ignores empty and blank values, and does not star the braces of a JSON secret", () => {
    const masker = createMasker(["", "  \n", '{\n"a": "topsecret"\n}']);
    expect(masker.mask("{ } a\n")).toBe("{ } a\n");
    expect(masker.mask('"a": "topsecret"')).toBe("***");
  });

  it("hides a value of one character as it is, and only so", () => {
    expect(createMasker(["7"]).mask("1773 37")).toBe("1***3 3***");
  });

  it("hides values added while a stream is open, also where the first part is held back already", () => {
    const masker = createMasker(["abcdef"]);
    const stream = masker.stream();
    const out = [...stream.write(Buffer.from("x abc"))];
    expect(Buffer.concat(out).toString()).toBe("x ");
    masker.add("bcq");
    out.push(...stream.write(Buffer.from("q abcdef.")), ...stream.flush());
    expect(Buffer.concat(out).toString()).toBe("x a*** ***.");
  });

  it("passes bytes that hide nothing without a copy, invalid UTF-8 included", () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x80, 0x0a]);
    expect(createMasker(["secret"]).stream().write(bytes)[0]).toBe(bytes);
    expect(createMasker([]).stream().write(bytes)[0]).toBe(bytes);
  });

  it("holds back no more than a beginning of a secret, so live output is not delayed", () => {
    const stream = createMasker(["hunter2"]).stream();
    expect(Buffer.concat([...stream.write(Buffer.from("password? "))]).toString()).toBe("password? ");
    expect(stream.write(Buffer.from("hunt"))).toEqual([]);
    expect(Buffer.concat([...stream.write(Buffer.from("ing"))]).toString()).toBe("hunting");
  });

  it("tells whether a text reveals a secret", () => {
    const masker = createMasker(["topsecret"]);
    expect(masker.reveals(`x${Buffer.from("topsecret").toString("hex")}`)).toBe(true);
    expect(masker.reveals("topsecre")).toBe(false);
  });

  it("stays linear on texts made to fall back all the time", () => {
    const masker = createMasker([`${"a".repeat(2_000)}b`]);
    const text = Buffer.alloc(4_000_000, "a");
    const started = process.cpuUsage();
    expect(pass(masker.stream(), cut(text, [65_536])).length).toBe(text.length);
    // A hundredth of that; falling back for every byte takes a quarter of a minute.
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });
});
