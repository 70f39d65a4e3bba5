/** Shorter values are masked as they are, but not in encodings: those would match ordinary text. */
const shortestEncoded = 3;

/** Maximum length of a value to search for, in characters. */
const longest = 65_536;

/** Line widths of base64 in common tools: PEM and `base64`. */
const wraps = [64, 76];

/**
 * Every byte sequence by which a secret is recognised: the value, each of its lines, and both as base64 (at the three
 * alignments possible inside a longer text, standard and URL-safe), percent-encoded, JSON, hexadecimal, shell-quoted,
 * XML and workflow-command form. Empty for a blank value.
 */
export function formsOf(value: string): readonly Buffer[] {
  if (value.trim() === "") return [];
  const found = new Map<string, Buffer>();
  const keep = (form: Buffer): void => {
    if (form.length > 0) found.set(form.toString("latin1"), form);
  };
  for (const part of partsOf(value.slice(0, longest))) {
    const bytes = Buffer.from(part, "utf8");
    keep(bytes);
    if (bytes.length < shortestEncoded) continue;
    for (const text of [...percentForms(bytes), ...jsonForms(part), ...shellForms(part), ...markupForms(part)])
      keep(Buffer.from(text, "utf8"));
    for (const text of [...base64Forms(bytes), ...hexForms(bytes)])
      if (text.length >= shortestEncoded) keep(Buffer.from(text, "latin1"));
  }
  return [...found.values()];
}

/** The whole value, the trimmed value, and each line: a log rarely shows a key in one piece. */
function partsOf(value: string): Set<string> {
  const parts = new Set([value, value.trim()]);
  const lines = value.split(/\r\n|\n|\r/);
  if (lines.length > 1) for (const line of lines) if (line.trim().length >= shortestEncoded) parts.add(line.trim());
  return parts;
}

function base64Forms(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (let shift = 0; shift < 3; shift += 1) {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    // Characters at both ends that also encode bits of the neighbours are left out: they vary.
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor((shifted.length * 8) / 6);
    const whole = shifted.toString("base64").slice(first);
    const text = whole.slice(0, last - first);
    // If the secret is the end of the encoded text, its last character is known, with or without padding.
    forms.push(text, whole, whole.replace(/=+$/, ""));
    if (shift === 0) for (const width of wraps) forms.push(...wrapped(text, width), ...wrapped(whole, width));
  }
  return forms.flatMap((text) => (/[+/]/.test(text) ? [text, text.replaceAll("+", "-").replaceAll("/", "_")] : [text]));
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  if (text.length <= width) return lines;
  for (let at = 0; at < text.length; at += width) {
    const line = text.slice(at, at + width);
    if (line.length >= 8) lines.push(line);
  }
  return lines;
}

function hexForms(bytes: Buffer): string[] {
  const hex = bytes.toString("hex");
  return [hex, hex.toUpperCase()];
}

/** Characters that JavaScript, RFC 3986 libraries, path encoders and HTML forms each leave unescaped. */
const unescaped = [/[A-Za-z0-9\-_.~!'()*]/, /[A-Za-z0-9\-_.~]/, /[A-Za-z0-9\-_.~/]/, /[A-Za-z0-9\-_.*]/];

function percentForms(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (const safe of unescaped) {
    let upper = "";
    let lower = "";
    for (const byte of bytes) {
      const char = String.fromCharCode(byte);
      const hex = byte.toString(16).padStart(2, "0");
      upper += safe.test(char) ? char : `%${hex.toUpperCase()}`;
      lower += safe.test(char) ? char : `%${hex}`;
    }
    forms.push(upper, lower, upper.replaceAll("%20", "+"), lower.replaceAll("%20", "+"));
  }
  return forms;
}

function unicode(text: string, pattern: RegExp): string {
  return text.replace(pattern, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function jsonForms(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const slashed = plain.replaceAll("/", "\\/");
  // Python escapes everything beyond ASCII, Go the characters that are special in HTML.
  return [
    plain,
    slashed,
    unicode(plain, /[\u0080-\uffff]/g),
    unicode(plain, /[<>&\u2028\u2029]/g),
    JSON.stringify(plain).slice(1, -1),
  ];
}

function shellForms(text: string): string[] {
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replaceAll("'", "''"),
    text.replace(/["$`\\]/g, "\\$&"),
    // `printf %q` and `$'…'`, as shown by `set -x`.
    text.replace(/[^\w@%+=:,./-]/g, "\\$&"),
    text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r"),
  ];
}

function markupForms(text: string): string[] {
  const xml = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const command = text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  return [
    xml,
    xml.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    xml.replaceAll('"', "&quot;").replaceAll("'", "&apos;"),
    command,
  ];
}
