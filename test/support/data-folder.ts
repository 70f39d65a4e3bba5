import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";

const stored = new URL("data-folders/", import.meta.url);

/** Tokens of a stored data folder, by role; `ann` is a separate runner's own. */
export type StoredTokens = Readonly<Record<"admin" | "writer" | "viewer" | "runner" | "ann", string>>;

/**
 * Makes the data folder of an earlier version: the database at `url`, everything else below `folder`, its data in
 * `folder/data`. Answers with its tokens.
 */
export async function restoreDataFolder(version: string, folder: string, url: string): Promise<StoredTokens> {
  const source = new URL(`${version}/`, stored);
  const read = (name: string): string => readFileSync(new URL(name, source), "utf8");
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true });
  execFileSync("tar", ["-xzf", new URL("files.tar.gz", source).pathname, "-C", data]);
  for (const [name, path] of repositories) makeRepository(join(folder, path), read(`git/${name}.export`));
  await restoreDatabase(version, folder, url);
  return JSON.parse(read("tokens.json"));
}

/** Fills the database at `url` with an earlier version's. */
export async function restoreDatabase(version: string, folder: string, url: string): Promise<void> {
  const sql = readFileSync(new URL(`${version}/database.sql`, stored), "utf8");
  await changeDatabase(url, sql.replaceAll("/srv/sluice/", `${folder}/`));
}

const repositories = [
  ["shop", "data/git/shop.git"],
  ["mill", "data/git/mill.git"],
  ["broken", "data/git/broken.git"],
  ["loom", "elsewhere/loom.git"],
] as const;

function makeRepository(path: string, stream: string): void {
  const env = { PATH: process.env["PATH"], HOME: path, GIT_CONFIG_NOSYSTEM: "1" };
  mkdirSync(path, { recursive: true });
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main"], { cwd: path, env });
  execFileSync("git", ["fast-import", "--quiet"], { cwd: path, env, input: stream });
}

/** Runs SQL on the database, without the store. */
export async function changeDatabase(url: string, sql: string): Promise<void> {
  if (url.startsWith("sqlite:")) {
    using database = openSqlite(url);
    database.exec(`begin; ${sql} commit;`);
  } else await withPostgres(url, (client) => client.query(sql));
}

/** Queries the database without the store. */
export async function readDatabase(url: string, query: string): Promise<readonly unknown[]> {
  if (url.startsWith("sqlite:")) {
    using database = openSqlite(url);
    return database.prepare(query).all();
  }
  return (await withPostgres(url, (client) => client.query(query))).rows;
}

function openSqlite(url: string): DatabaseSync {
  return new DatabaseSync(url.slice("sqlite:".length));
}

async function withPostgres<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
