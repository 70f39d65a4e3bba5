import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Config } from "../../config/index.ts";
import { SluiceError } from "../../model/index.ts";
import type { RunnerUser } from "../../runner/index.ts";

const run = promisify(execFile);

/** The default user if it exists, and the last resort (its number is the kernel's overflow uid). */
const usual = "sluice-runner";
const lastResort = "nobody";
const lastNumber: RunnerUser = { uid: 65_534, gid: 65_534 };

/**
 * The user that runs the embedded runner's jobs; undefined if it is the server's own: the server is not root, or
 * `runner.user` is root, or nothing runs (the dummy backend). Rejects with `config-invalid` for a user that does not
 * exist, or that only root could become.
 * @param own the server's uid
 */
export async function jobUser(
  { user, backend }: Pick<Config["runner"], "user" | "backend">,
  own = process.getuid?.(),
): Promise<RunnerUser | undefined> {
  if (own !== 0) {
    if (user !== undefined && (await named(user)).uid !== own)
      throw new SluiceError(
        "config-invalid",
        `runner.user is ${user}, but the server is not root and cannot run jobs as another user.`,
        { help: "Remove runner.user, or start the server as root." },
      );
    return undefined;
  }
  if (backend !== "host" || user === "root") return undefined;
  const found =
    user === undefined ? ((await find(usual)) ?? (await find(lastResort)) ?? lastNumber) : await named(user);
  return found.uid === 0 ? undefined : found;
}

async function named(user: string): Promise<RunnerUser> {
  const [uid = "", gid] = user.split(":");
  const found = await find(uid);
  // A configured group wins, and then the job gets none of the user's other groups.
  if (gid !== undefined)
    return { uid: Number(uid), gid: Number(gid), ...(found?.home === undefined ? {} : { home: found.home }) };
  if (found !== undefined) return found;
  if (/^\d+$/.test(uid)) return { uid: Number(uid), gid: Number(uid) };
  throw new SluiceError("config-invalid", `runner.user is ${user}, but that user does not exist.`, {
    help: `Create it (\`useradd --system --create-home ${user}\`), or name another.`,
  });
}

/** Looks up a user by name or number: in the machine's own list, or else wherever it gets its users from. */
async function find(user: string): Promise<RunnerUser | undefined> {
  return parse(await readFile("/etc/passwd", "utf8").catch(() => ""), user) ?? parse(await getent(user), user);
}

async function getent(user: string): Promise<string> {
  try {
    return (await run("getent", ["passwd", user], { timeout: 10_000 })).stdout;
  } catch {
    // No such user, or the machine has no getent and then no other users either.
    return "";
  }
}

/** A line of passwd(5): name, password, uid, gid, comment, home, shell. */
function parse(text: string, user: string): RunnerUser | undefined {
  for (const line of text.split("\n")) {
    const [name = "", , uid = "", gid = "", , home = ""] = line.split(":");
    if ((name !== user && uid !== user) || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) continue;
    return { name, uid: Number(uid), gid: Number(gid), home };
  }
  return undefined;
}
