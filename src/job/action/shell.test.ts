import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { run, scratchFolder, script } from "../testing.ts";
import { findProgram } from "../backend/host/programs.ts";
import { resolveShell, splitCommand } from "./shell.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

describe("shells", () => {
  it.each([
    ["", "set -o | grep -E '^(errexit|pipefail)'", /errexit\s+on\npipefail\s+off/],
    ["bash", "set -o | grep -E '^(errexit|pipefail)'", /errexit\s+on\npipefail\s+on/],
    ["sh", "case $- in *e*) echo errexit;; esac", /errexit/],
    ["python", "import os\nprint('py', os.environ['RUNNER_OS'])", /py (Linux|macOS)/],
    ["node", "console.log('js', 1 + 1)", /js 2/],
    ["bash -x {0}", "echo hi", /\+ echo hi/],
    ["perl {0}", "print 'from perl';", /from perl/],
    ["cat {0}", "as it is $HOME", /as it is \$HOME/],
  ])("%s runs a script", async (shell, body, expected) => {
    const { logs, steps } = await run(scratch.path, { steps: [script("a", body, { shell })] });
    expect(logs[0]).toMatch(expected);
    expect(steps).toEqual({ a: "success" });
  });

  it.each([
    ["no-such-shell {0}", /not installed/],
    ["bash -e", /\{0\}/],
    ["fish", /\{0\}/],
  ])("%s is refused with a reason", async (shell, message) => {
    const { logs, steps } = await run(scratch.path, { steps: [script("a", "true", { shell })] });
    expect(steps).toEqual({ a: "failure" });
    expect(logs[0]).toMatch(message);
  });

  it("stops PowerShell at its first error and returns the last exit code", async () => {
    const folder = join(scratch.path, "bin");
    mkdirSync(folder);
    writeFileSync(join(folder, "pwsh"), "#!/bin/sh\n");
    chmodSync(join(folder, "pwsh"), 0o755);
    const machine = {
      find: async (names: readonly string[], path: string) => findProgram(names, path),
      tool: async () => undefined,
    };
    const shell = await resolveShell(machine, "pwsh", folder);
    expect(shell.args).toEqual(["-command", ". '{0}'"]);
    expect(shell.wrap("Get-Date")).toMatch(/^\$ErrorActionPreference = 'stop'\nGet-Date\n.*exit \$LASTEXITCODE/);
    expect((await resolveShell(machine, "powershell", folder)).program).toBe(join(folder, "pwsh"));
  });
});

describe("splitCommand", () => {
  it.each([
    ["perl {0}", ["perl", "{0}"]],
    [' a  \'b c\' "d \\" e" f\\ g ', ["a", "b c", 'd " e', "f g"]],
    ["a'b'c \"\" x", ["abc", "", "x"]],
    ["$(rm -rf /); `x`", ["$(rm", "-rf", "/);", "`x`"]],
  ])("splits %j", (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });
});
