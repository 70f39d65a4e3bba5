import { version } from "../model/index.ts";
import { startPart } from "./parts.ts";

/** Where the built command line starts; from the source, it is `main.ts`. */
const args = process.argv.slice(2);
// Scripts ask for the version most often; that needs nothing else.
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) process.stdout.write(`${version}\n`);
else startPart("program");
