import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, alternate, git, inScratch, sluice, timeProgram } from "./measure.ts";

const few = 50;
const many = 250;

/** The cost of one more step, beside one more start of the same shell from a shell script. */
export async function* stepFigures(): AsyncIterable<Figure> {
  yield await inScratch((folder) => {
    mkdirSync(join(folder, ".github/workflows"), { recursive: true });
    for (const steps of [few, many]) {
      writeFileSync(
        join(folder, `.github/workflows/${steps}.yml`),
        `on: push\njobs:\n  steps:\n    runs-on: ubuntu-latest\n    steps:\n${"      - run: 'true'\n".repeat(steps)}`,
      );
      writeFileSync(join(folder, `${steps}.sh`), "bash -e step.sh\n".repeat(steps));
    }
    writeFileSync(join(folder, "step.sh"), "true\n");
    git(folder, "init", "-q", "-b", "main");
    git(folder, "add", "-A");
    git(folder, "commit", "-q", "-m", "steps");
    const run = (steps: number) => (): number =>
      timeProgram(sluice, ["run", "--dir", folder, join(folder, `.github/workflows/${steps}.yml`)]);
    const shell = (steps: number) => (): number => timeProgram("bash", [join(folder, `${steps}.sh`)], { cwd: folder });
    const times = alternate(7, { runFew: run(few), runMany: run(many), shellFew: shell(few), shellMany: shell(many) });
    return {
      name: "one more step on the host backend",
      value: (times.runMany - times.runFew) / (many - few),
      unit: "ms",
      limit: { name: "one more `bash -e` in a script", value: (times.shellMany - times.shellFew) / (many - few) },
      promise: 3,
    };
  });
}
