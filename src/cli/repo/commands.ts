import { basename, resolve } from "node:path";
import { glyph } from "../../model/index.ts";
import { openAdministration, type AdminOptions } from "../admin.ts";
import { table } from "../table.ts";

export async function addRepository(path: string, options: AdminOptions & { readonly name?: string }): Promise<void> {
  // Without --server the path is on this machine; with it, the path is on the server's machine.
  const place = options.server === undefined ? resolve(path) : path;
  const name = options.name ?? basename(place).replace(/\.git$/, "");
  const administration = await openAdministration(options);
  try {
    const repository = await administration.addRepository({ name, path: place });
    process.stdout.write(`Attached ${repository.name}: pushes to ${place} now start runs.\n`);
  } finally {
    await administration.close();
  }
}

export async function listRepositories(options: AdminOptions & { readonly json?: boolean }): Promise<void> {
  const administration = await openAdministration(options, { folder: true });
  try {
    const repositories = await administration.repositories();
    if (options.json === true) process.stdout.write(`${JSON.stringify(repositories)}\n`);
    else if (repositories.length === 0)
      process.stdout.write("No repositories yet. Push to one, or attach one with `sluice repo add <path>`.\n");
    else
      process.stdout.write(
        table(
          ["NAME", "BRANCH", "LAST RUN", "CLONE"],
          repositories.map((each) => [
            each.name,
            each.defaultBranch,
            each.lastRun === undefined
              ? "–"
              : `${glyph(each.lastRun.status)} #${each.lastRun.number} ${each.lastRun.status}`,
            each.cloneUrl,
          ]),
        ),
      );
  } finally {
    await administration.close();
  }
}

export async function removeRepository(name: string, options: AdminOptions): Promise<void> {
  const administration = await openAdministration(options, { folder: true });
  try {
    await administration.removeRepository(name);
    process.stdout.write(`Removed ${name}.\n`);
  } finally {
    await administration.close();
  }
}
