import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const door = new URL("inherited.ts", import.meta.url);

/** What a program that Node starts has open, when Node itself was handed this file as number 30. */
function openInSteps(before: string): readonly string[] {
  const handed = openSync(fileURLToPath(door), "r");
  try {
    const code = `import { spawnSync } from "node:child_process"; import { closeInherited } from ${JSON.stringify(door.href)}; ${before}; process.stdout.write(spawnSync("ls", ["/proc/self/fd"], { encoding: "utf8" }).stdout);`;
    const stdio = ["ignore", "pipe", "pipe", ...Array.from({ length: 27 }, () => "ignore" as const), handed] as const;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      stdio: [...stdio],
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim().split("\n");
  } finally {
    closeSync(handed);
  }
}

describe.runIf(existsSync("/proc/self/fdinfo"))("closeInherited", () => {
  it("hides the server's inherited files from steps", () => {
    expect(openInSteps("")).toContain("30");
    // The three streams, and the listing's own.
    expect(openInSteps("closeInherited()")).toEqual(["0", "1", "2", "3"]);
  });
});
