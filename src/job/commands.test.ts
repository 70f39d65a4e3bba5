import { afterAll, describe, expect, it } from "vitest";
import { run, scratchFolder, script } from "./testing.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const { path: work } = scratch;

describe("commands in a step's output", () => {
  it("set variables, search path, outputs and masks for what follows, and are not shown", async () => {
    const { logs, finished } = await run(work, {
      steps: [
        script(
          "a",
          "echo '::set-env name=foo::bar'; echo '::set-output name=zoo::zar%0Azor'; echo '::add-path::/zip'; echo done",
        ),
        script("b", "echo $foo; echo $PATH | cut -d: -f1; echo '${{ steps.a.outputs.zoo }}'"),
      ],
    });
    expect(finished.status).toBe("success");
    expect(logs[0]).toMatch(/done\n$/);
    expect(logs[0]).not.toContain("::set-");
    expect(logs[1]).toBe("bar\n/zip\nzar\nzor\n");
  });

  it("are text between stop-commands and its token", async () => {
    const { logs } = await run(work, {
      steps: [
        script(
          "a",
          "echo '::stop-commands::my-word'; echo '::set-env name=foo::baz'; echo '::my-word::'; echo '::set-env name=foo::bar'",
        ),
        script("b", "echo $foo"),
      ],
    });
    expect(logs[0]).toContain("::set-env name=foo::baz");
    expect(logs[1]).toBe("bar\n");
  });

  it("create annotations and stay in the log; viewers handle groups", async () => {
    const { logs, annotations } = await run(work, {
      steps: [
        script(
          "a",
          "echo '::group::G'; echo '::warning file=a.js,line=3,endLine=4,col=5,endColumn=6,title=T::W%0AX'; echo '::notice::N'; echo '::endgroup::'; echo '::debug::D'",
        ),
      ],
    });
    expect(annotations).toEqual([
      { level: "warning", message: "W\nX", title: "T", file: "a.js", line: 3, endLine: 4, column: 5, endColumn: 6 },
      { level: "notice", message: "N" },
    ]);
    expect(logs[0]).toMatch(/^::group::G\n::warning .*\n::notice::N\n::endgroup::\n::debug::D\n$/);
  });

  it("never show a value that is to be masked, even with echo on", async () => {
    const { logs } = await run(work, {
      steps: [
        script("a", "echo ::echo::on; echo ::add-mask::supersecret; echo ::set-output name=x::y; echo supersecret"),
      ],
    });
    expect(logs[0]).toBe("::set-output name=x::y\n***\n");
  });

  it("warn once that they are deprecated", async () => {
    const { logs } = await run(work, {
      steps: [
        script("a", "echo '::set-env name=a::1'; echo '::set-env name=b::2'"),
        script("b", "echo '::set-env name=c::3'"),
      ],
    });
    expect(logs.join("").match(/deprecated/g)).toHaveLength(1);
  });
});

describe("files for commands", () => {
  it("are new for each step, and take values of several lines", async () => {
    const { logs } = await run(work, {
      steps: [
        script(
          "a",
          "echo A=1 > $GITHUB_ENV; printf 'B<<EOF\\nx\\ny\\nEOF\\n' >> $GITHUB_ENV; echo /front >> $GITHUB_PATH; echo /more >> $GITHUB_PATH",
        ),
        script("b", 'cat $GITHUB_ENV; echo "$A $B"; echo $PATH | cut -d: -f1,2'),
      ],
    });
    expect(logs[1]).toBe("1 x\ny\n/more:/front\n");
  });

  it.each([
    ["nonsense", "echo nonsense > $GITHUB_ENV", /neither/],
    ["a value without its end", "printf 'A<<EOF\\nx\\n' > $GITHUB_OUTPUT", /EOF/],
    ["too much", "head -c 20000000 /dev/zero | tr '\\0' x > $GITHUB_OUTPUT", /20000000/],
  ])("fail the step for %s, with a reason", async (_what, body, reason) => {
    const { reports, finished } = await run(work, { steps: [script("a", body)] });
    expect(finished.status).toBe("failure");
    expect(reports.find((entry) => entry.type === "step.finished")).toMatchObject({
      status: "failure",
      reason: expect.stringMatching(reason),
    });
  });

  it.each(["NODE_OPTIONS", "node_options", "LD_PRELOAD"])(
    "refuse %s, which would change the tools of later steps",
    async (name) => {
      const { logs, steps } = await run(work, {
        steps: [
          script("a", `echo ${name}=--require=/evil.js >> $GITHUB_ENV; echo OK=1 >> $GITHUB_ENV`),
          script("b", "env | grep -i -e node_options -e ld_preload || echo $OK"),
        ],
      });
      expect(steps).toEqual({ a: "success", b: "success" });
      expect(logs[0]).toContain("Cannot set");
      expect(logs[1]).toBe("1\n");
    },
  );

  it("survive hostile replacements: removed, a folder, a pipe, a link to a file of the machine", async () => {
    const { steps, logs } = await run(work, {
      steps: [
        script("gone", "rm -f $GITHUB_ENV $GITHUB_OUTPUT"),
        script("folder", "rm $GITHUB_ENV && mkdir $GITHUB_ENV"),
        script("pipe", "rm $GITHUB_ENV && mkfifo $GITHUB_ENV"),
        script("link", "rm $GITHUB_OUTPUT && ln -s /etc/passwd $GITHUB_OUTPUT"),
        script("binary", "printf 'A=\\xff\\xfe\\n' >> $GITHUB_ENV; printf 'B=1\\0\\n' >> $GITHUB_ENV"),
        script("end", "echo fine $B", { if: { $expr: "always()" } }),
      ],
    });
    expect(steps).toMatchObject({
      gone: "success",
      pipe: "success",
      link: "success",
      binary: "success",
      end: "success",
    });
    expect(logs.at(-1)).toBe("fine\n");
  });

  it("report the summary", async () => {
    const { reports } = await run(work, { steps: [script("a", "echo '# Hi' >> $GITHUB_STEP_SUMMARY")] });
    expect(reports.find((entry) => entry.type === "summary")).toEqual({ type: "summary", step: 0, markdown: "# Hi\n" });
  });

  it("report a summary that is too large, and do not fail the step", async () => {
    const { reports, steps, annotations } = await run(work, {
      steps: [
        script("a", "head -c 2000000 /dev/zero | tr '\\0' x > $GITHUB_STEP_SUMMARY; echo A=1 >> $GITHUB_ENV"),
        script("b", "test $A = 1"),
      ],
    });
    expect(steps).toEqual({ a: "success", b: "success" });
    expect(reports.some((entry) => entry.type === "summary")).toBe(false);
    expect(annotations).toEqual([
      { level: "error", message: expect.stringMatching(/2000000 bytes to GITHUB_STEP_SUMMARY; the limit is 1048576/) },
    ]);
  });
});
