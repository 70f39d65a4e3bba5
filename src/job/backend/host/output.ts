import { readSync } from "node:fs";
import type { Socket } from "node:net";

/** The maximum size of a pipe: no more can be waiting in it when its writer has ended. */
const mostInPipe = 1024 * 1024;

interface OutputConsumer {
  output(bytes: Uint8Array): Promise<void> | void;
}

/** Passes output on piece by piece, and waits for the consumer. */
export class OutputReader {
  private readonly socket: Socket;
  private readonly fd: number;
  private readonly consumer: OutputConsumer;
  private pending: Promise<void> | undefined;
  private readonly take = (bytes: Buffer): void => {
    const answer = this.consumer.output(bytes);
    if (answer === undefined) return;
    this.socket.pause();
    this.pending = this.resumeAfter(answer);
  };

  constructor(socket: Socket, fd: number, consumer: OutputConsumer) {
    this.socket = socket;
    this.fd = fd;
    this.consumer = consumer;
    socket.on("data", this.take);
    // A read error ends the output; the process's own end is what counts.
    socket.on("error", () => undefined);
  }

  /**
   * After the process has ended: takes what it wrote before, and no more. Returns true if nobody holds the pipe any
   * longer.
   */
  async finish(): Promise<boolean> {
    const { socket } = this;
    socket.off("data", this.take);
    socket.pause();
    const rest: Buffer[] = [];
    for (let piece: unknown = socket.read(); Buffer.isBuffer(piece); piece = socket.read()) rest.push(piece);
    const clean = socket.destroyed || this.drain(rest);
    if (clean) socket.destroy();
    if (this.pending !== undefined) await this.pending;
    socket.pause();
    for (const piece of rest) await this.consumer.output(piece);
    return clean;
  }

  private async resumeAfter(answer: Promise<void>): Promise<void> {
    await answer;
    this.pending = undefined;
    this.socket.resume();
  }

  private drain(rest: Buffer[]): boolean {
    for (let total = 0; total < mostInPipe; ) {
      const piece = Buffer.allocUnsafe(65_536);
      let count: number;
      try {
        count = readSync(this.fd, piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
        throw error;
      }
      if (count === 0) return true;
      rest.push(piece.subarray(0, count));
      total += count;
    }
    return false;
  }
}
