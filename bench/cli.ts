import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Figure, alternate, git, inScratch, node, sluice, timeProgram } from "./measure.ts";

/** Time of small commands, beside starting Node for nothing. */
export async function* cliFigures(): AsyncIterable<Figure> {
  const version = alternate(20, {
    sluice: () => timeProgram(sluice, ["--version"]),
    node: () => timeProgram(node, ["-e", "0"]),
  });
  yield {
    name: "sluice --version",
    value: version.sluice,
    unit: "ms",
    limit: { name: "node -e 0", value: version.node },
    promise: 1.3,
  };

  yield await inScratch((folder) => {
    const workflows = join(folder, ".github/workflows");
    mkdirSync(workflows, { recursive: true });
    writeFileSync(
      join(workflows, "ci.yml"),
      "on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n",
    );
    git(folder, "init", "-q", "-b", "main");
    git(folder, "add", "-A");
    git(folder, "commit", "-q", "-m", "one step");
    const run = alternate(15, {
      sluice: () => timeProgram(sluice, ["run", "--dir", folder]),
      node: () => timeProgram(node, ["-e", "0"]),
    });
    return {
      name: "sluice run of one `true` step",
      value: run.sluice,
      unit: "ms",
      limit: { name: "node -e 0", value: run.node },
      promise: 2.5,
    };
  });

  yield await inScratch((folder) => {
    const count = 1000;
    for (let index = 0; index < count; index += 1) writeFileSync(join(folder, `${index}.yml`), workflow(index));
    const took = alternate(3, { lint: () => timeProgram(sluice, ["lint", folder]) }).lint;
    return { name: "sluice lint over 1,000 workflows", value: (count / took) * 1000, unit: "files/s" };
  });
}

function workflow(index: number): string {
  return `name: service ${index}
on:
  push:
    branches: [main, 'release/**']
  pull_request:
env:
  SERVICE: service-${index}
jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        node: [20, 22, 24]
    steps:
      - uses: actions/checkout@v4
      - name: Install
        run: npm ci
      - name: Test
        run: npm test -- --shard=\${{ matrix.node }}
        env:
          NODE_VERSION: \${{ matrix.node }}
  image:
    needs: test
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: ./build.sh "\${GITHUB_SHA::8}"
`;
}
