#!/bin/sh
# Three libraries that turn terminal output into HTML print the rest of a colour sequence as text when its parameters are
# separated by colons, the form that ISO 8613-6 gives for 256 colours, RGB and kinds of underline
# (`ESC [ 38 : 5 : 196 m`, `ESC [ 4 : 3 m`). Current terminals, compilers and test runners write it.
# Expected: the colour, or at least the text without the sequence.
# Seen: anser 2.3.5 prints "38:5:196mred"; ansi_up 6.0.6 and fancy-ansi 0.1.3 print "[38:5:196mred".
# The form with semicolons is coloured by all three.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{ "type": "module" }' >package.json
npm install --silent --no-audit --no-fund anser@2.3.5 ansi_up@6.0.6 fancy-ansi@0.1.3
cat >look.js <<'JS'
import assert from "node:assert/strict";
import Anser from "anser";
import { AnsiUp } from "ansi_up";
import { FancyAnsi } from "fancy-ansi";

const convert = {
  anser: (text) => Anser.ansiToHtml(text),
  ansi_up: (text) => new AnsiUp().ansi_to_html(text),
  "fancy-ansi": (text) => new FancyAnsi().toHtml(text),
};
const plain = (html) => html.replace(/<[^>]*>/g, "");
const seen = {};
for (const [name, toHtml] of Object.entries(convert)) {
  assert.equal(plain(toHtml("\x1b[38;5;196mred\x1b[0m")), "red", `${name}: semicolons`);
  seen[name] = [toHtml("\x1b[38:5:196mred\x1b[0m"), toHtml("\x1b[4:3mwavy\x1b[0m")];
}
console.log(seen);
assert.deepEqual(seen, {
  anser: ["38:5:196mred", "4:3mwavy"],
  ansi_up: ["[38:5:196mred", "[4:3mwavy"],
  "fancy-ansi": ["[38:5:196mred", "[4:3mwavy"],
});
JS
node look.js
