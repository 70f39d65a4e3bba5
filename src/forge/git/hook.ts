import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { git, gone, isGone } from "./process.ts";

/** A push of more refs than this (a mirror) starts runs only for this many. */
export const runsOfPush = 100;

const marker = "# sluice post-receive";

/**
 * Runs after each push. POSIX sh, and no more processes than a temporary file and a rename need. The server watches the
 * folder, so a push never waits for it, and the server finds pushes made while it was down when it starts. `end`
 * distinguishes a complete file from a torn one. An existing hook runs first.
 */
const script = `#!/bin/sh
${marker} (installed by Sluice; rewritten at every start)
before="$0.before-sluice"
updates=$(cat)
status=0
if [ -x "$before" ]; then
  printf '%s\\n' "$updates" | "$before" "$@"
  status=$?
fi
# Only a long list is counted: that costs a process.
if [ "\${#updates}" -gt ${runsOfPush * 94} ] && moved=$(printf '%s\\n' "$updates" | wc -l) && [ "$moved" -gt ${runsOfPush} ]; then
  echo "sluice: this push moves $((moved)) refs. Runs start for ${runsOfPush} of them: the default branch first," >&2
  echo "sluice: then the others in order. To run all of them, push at most ${runsOfPush} refs at a time." >&2
fi
spool="\${GIT_DIR:-.}/sluice/spool"
[ -d "$spool" ] || exit "$status"
if temporary=$(mktemp -u "$spool/.new-XXXXXXXXXXXX"); then
  # The server may be another user: it needs to read the report. Noclobber: a link planted there is not followed.
  umask 022
  set -C
  printf 'pusher %s\\n%s\\nend\\n' "\${REMOTE_USER:-\${LOGNAME:-\${USER:-unknown}}}" "$updates" > "$temporary" &&
    mv "$temporary" "$spool/\${temporary##*/.new-}.push"
fi
exit "$status"
`;

/** Where the hook leaves its reports. */
export function spoolOf(repository: string): string {
  return join(repository, "sluice", "spool");
}

/**
 * Installs the post-receive hook and its spool folder; repeating it changes nothing. An existing hook is moved aside
 * and runs first.
 */
export async function installHook(repository: string): Promise<void> {
  if (isGone(repository)) throw gone(repository);
  const spool = spoolOf(repository);
  await mkdir(spool, { recursive: true });
  // Whoever can push writes objects, so the spool has the same permissions as the objects.
  const objects = await stat(join(repository, "objects"));
  for (const folder of [join(repository, "sluice"), spool]) await chmod(folder, objects.mode & 0o7777);
  const hook = await hookPath(repository);
  const present = await readFile(hook, "utf8").catch(() => undefined);
  if (present === script) return;
  if (present !== undefined && !present.includes(marker)) await rename(hook, `${hook}.before-sluice`);
  const draft = `${hook}.new-${process.pid}`;
  await writeFile(draft, script, { mode: 0o755 });
  await chmod(draft, 0o755);
  await rename(draft, hook);
}

/** Removes the hook and the spool, and restores the previous hook. */
export async function uninstallHook(repository: string): Promise<void> {
  const hook = await hookPath(repository);
  const present = await readFile(hook, "utf8").catch(() => undefined);
  if (present?.includes(marker) === true) {
    await rm(hook, { force: true });
    await rename(`${hook}.before-sluice`, hook).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  await rm(join(repository, "sluice"), { recursive: true, force: true });
}

/**
 * `core.hooksPath` may point elsewhere, even to a folder shared by several repositories: the script uses GIT_DIR, so
 * that works.
 */
async function hookPath(repository: string): Promise<string> {
  const told = (await git(repository, ["rev-parse", "--git-path", "hooks"])).toString("utf8").replace(/\n$/, "");
  const folder = isAbsolute(told) ? told : join(repository, told);
  await mkdir(folder, { recursive: true });
  return join(folder, "post-receive");
}
