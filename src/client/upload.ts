/** The options of a call with a binary body. */
export const binary = {
  bodySerializer: <Body>(body: Body): Body => body,
  headers: { "content-type": "application/octet-stream" },
  duplex: "half",
} as const;

/** Content to upload as a stream. Remembers its own error, which fetch reports as a connection error. */
export class Upload {
  readonly body: ReadableStream<Uint8Array>;
  #failure: { readonly error: unknown } | undefined;

  constructor(content: AsyncIterable<Uint8Array>) {
    this.body = ReadableStream.from(this.#watch(content));
  }

  /** Throws the error that ended the content early, if any. */
  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async *#watch(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* content;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
