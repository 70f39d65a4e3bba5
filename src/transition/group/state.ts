import { type GroupState, groupStateSchema } from "../../engine/index.ts";
import { codec, isUnreadable, type Store } from "../../store/index.ts";

/** How groups are stored. */
export const groupCodec = codec<GroupState>({ name: "concurrency groups", schema: groupStateSchema });

/** Names a group's row in messages. */
export function groupPlace(repositoryId: string, group: string): string {
  return `concurrency_group ${repositoryId} ${group}`;
}

export interface StoredGroup {
  readonly repositoryId: string;
  readonly group: string;
  readonly state: GroupState;
}

/** All readable groups: whatever enters or leaves an unreadable one fails with the error. */
export async function readGroups(store: Store): Promise<readonly StoredGroup[]> {
  return (await store.groups.list()).flatMap(({ repositoryId, group, state }) => {
    try {
      return [{ repositoryId, group, state: groupCodec.decode(state, groupPlace(repositoryId, group)) }];
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return [];
    }
  });
}
