#!/bin/sh
# fancy-ansi 0.1.3 drops the text of a hyperlink (OSC 8): "see ESC ] 8 ; ; URL BEL docs ESC ] 8 ; ; BEL now" comes out
# without "docs", whether the sequences end in BEL or in ST. GCC, ls, systemd and many test runners write such links.
# Expected: "see docs now", with or without a link.
# Seen: "see  now". ansi_up 6.0.6 beside it makes a link of the same text.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{ "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ansi_up@6.0.6 fancy-ansi@0.1.3
cat >look.js <<'JS'
import assert from "node:assert/strict";
import { AnsiUp } from "ansi_up";
import { FancyAnsi } from "fancy-ansi";

const link = (end) => `see \x1b]8;;https://example.org${end}docs\x1b]8;;${end} now`;
const fancy = new FancyAnsi();
const seen = { BEL: fancy.toHtml(link("\x07")), ST: fancy.toHtml(link("\x1b\\")) };
console.log(seen);
const other = new AnsiUp();
assert.equal(other.ansi_to_html(link("\x07")), 'see <a href="https://example.org">docs</a> now');
assert.deepEqual(seen, { BEL: "see  now", ST: "see  now" });
JS
node look.js
