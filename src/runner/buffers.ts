import { setFlagsFromString } from "node:v8";

/**
 * For a program through which output passes. V8 adds buffers outside its heap to the heap's size, and collects the whole
 * heap when both have grown by half or so: every few megabytes of output, for the heap is small. From now on it waits until
 * they are four times as large as what was left by the last collection.
 *
 * Once the program has started: V8, and Node itself, take stored code only under the flags under which it was compiled.
 */
export function expectBuffers(): void {
  setFlagsFromString("--heap-growing-percent=300");
}
