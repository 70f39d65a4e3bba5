/** `npm run test:chaos`: the chaos suite, or with `--long` random kills for up to an hour. */
import { spawnSync } from "node:child_process";
import { long } from "../test/chaos/long/main.ts";

const args = process.argv.slice(2);
if (args.includes("--long")) process.exitCode = await long(args);
else process.exitCode = spawnSync("vitest", ["run", "--project", "chaos", ...args], { stdio: "inherit" }).status ?? 1;
