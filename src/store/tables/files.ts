import type { StoreContext } from "../context.ts";
import type { Store } from "../port.ts";

export function files({ db }: StoreContext): Store["files"] {
  return {
    async known({ jobs, blobs }) {
      if (jobs.length + blobs.length === 0) return { jobs: [], blobs: [] };
      const rows = await db
        .selectFrom("job")
        .select("id as name")
        .where("id", "in", [...jobs, ""])
        .execute();
      const artifacts = await db
        .selectFrom("artifact")
        .select("blob as name")
        .where("blob", "in", [...blobs, ""])
        .execute();
      const caches = await db
        .selectFrom("cache")
        .select("blob as name")
        .where("blob", "in", [...blobs, ""])
        .execute();
      return { jobs: rows.map(({ name }) => name), blobs: [...artifacts, ...caches].map(({ name }) => name) };
    },
  };
}
