import { describe, expect, it } from "vitest";
import { type Channel, channelBytes } from "./channel.ts";
import { openStore } from "./open.ts";
import { breakChannels, eachSharedDatabase, onPostgres, type StoreBed } from "./testbed.ts";

/** Listens; `connected` waits until the channel has connected so many times. */
function hear(channel: Channel) {
  const texts: string[] = [];
  let connections = 0;
  const stop = channel.subscribe({ text: (text) => texts.push(text), missed: () => (connections += 1) });
  return {
    texts,
    stop,
    connected: (times = 1) => expect.poll(() => connections).toBeGreaterThanOrEqual(times),
  };
}

eachSharedDatabase("the channel", channelTests);

function channelTests({ fresh, cleanups }: StoreBed): void {
  it("carries texts to the other processes, in order, and none to its own", async () => {
    const { store, again } = await fresh();
    const other = await again();
    const [own, others] = [hear(store.channel), hear(other.channel)];
    await Promise.all([own.connected(), others.connected()]);
    const texts = ["one", "two", "x".repeat(channelBytes)];
    for (const text of texts) await store.channel.publish(text);
    await expect.poll(() => others.texts).toEqual(texts);
    await other.channel.publish("back");
    await expect.poll(() => own.texts).toEqual(["back"]);
    own.stop();
    await other.channel.publish("again");
    await store.channel.publish("and again");
    await expect.poll(() => others.texts.at(-1)).toBe("and again");
    expect(own.texts).toEqual(["back"]);
  });

  it("connects again after its connection broke, and says that texts may be lost", async () => {
    const { store, url, again } = await fresh();
    const other = await again();
    const [own, others] = [hear(store.channel), hear(other.channel)];
    await Promise.all([own.connected(), others.connected()]);
    await breakChannels(url);
    await Promise.all([own.connected(2), others.connected(2)]);
    await store.channel.publish("here again");
    await expect.poll(() => others.texts).toEqual(["here again"]);
  });

  it("keeps schemas of one database apart", async () => {
    const { store, url } = await fresh();
    await onPostgres(url, "create schema elsewhere");
    const open = async (schema: string) => {
      const there = new URL(url);
      there.searchParams.set("options", `-c search_path=${schema}`);
      const opened = await openStore({ database: there.href, now: () => 1 });
      cleanups.push(() => opened.close());
      return opened;
    };
    const [same, elsewhere] = [await open("public"), await open("elsewhere")];
    const [near, far] = [hear(same.channel), hear(elsewhere.channel)];
    const own = hear(store.channel);
    await Promise.all([own.connected(), near.connected(), far.connected()]);
    await store.channel.publish("for public");
    await expect.poll(() => near.texts).toEqual(["for public"]);
    await elsewhere.channel.publish("nobody hears this");
    await same.channel.publish("back");
    await expect.poll(() => own.texts).toEqual(["back"]);
    expect(far.texts).toEqual([]);
  });

  it("closes with its store, also before it has connected", async () => {
    const { again } = await fresh();
    const store = await again();
    hear(store.channel);
    await store.close();
    expect(await store.channel.publish("into the void")).toBeUndefined();
  });
}

describe("the channel of a database in memory", () => {
  it("is not shared", async () => {
    const store = await openStore({ database: ":memory:", now: () => 0 });
    expect(store.channel.shared).toBe(false);
    await store.close();
  });
});
