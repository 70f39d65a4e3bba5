/** The longest text that a channel carries, in bytes of UTF-8. PostgreSQL's own limit is 8000. */
export const channelBytes = 7_500;

/**
 * Carries short texts between the processes that have a database open. A text reaches those who listen at that moment. It
 * can be lost, and any user of the database can send one.
 */
export interface Channel {
  /** False if no other process can have the database open: then there is nobody to publish to. */
  readonly shared: boolean;
  /** Connects with the first listener, and again after each break. Returns a function that ends the listening. */
  subscribe(listener: ChannelListener): () => void;
  /**
   * Sends a text of at most `channelBytes` to the listeners of other processes. Drops it if the channel is not
   * connected: `missed` follows. Rejects with `unavailable` if the connection breaks meanwhile.
   */
  publish(text: string): Promise<void>;
}

/** Must not block or throw. */
export interface ChannelListener {
  /** Another process published this. */
  text(text: string): void;
  /** The channel has just connected: what either side published before can be lost. */
  missed(): void;
}

/** The channel of a database that one process alone has open. */
export const soleChannel: Channel = {
  shared: false,
  subscribe: () => () => {},
  publish: async () => {},
};
