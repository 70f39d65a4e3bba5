import { arch, hostname, platform } from "node:os";

/** Architectures, by Node's name and by the dialects' names. */
const architectures: Readonly<Record<string, { readonly actions: string; readonly woodpecker: string }>> = {
  x64: { actions: "x64", woodpecker: "amd64" },
  arm64: { actions: "arm64", woodpecker: "arm64" },
};

/** The system's labels in the Actions dialect: workflows written for a hosted image run on the host instead. */
const images: Readonly<Record<string, readonly string[]>> = {
  linux: ["linux", "ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "ubuntu-20.04"],
  darwin: ["macos", "macos-latest"],
};

/** The default labels of a runner on this machine: those that workflows usually ask for. */
export function defaultLabels(): readonly string[] {
  const system = platform();
  const architecture = architectures[arch()] ?? { actions: arch(), woodpecker: arch() };
  return [
    "self-hosted",
    "host",
    ...(images[system] ?? [system]),
    architecture.actions,
    `platform=${system}/${architecture.woodpecker}`,
    `hostname=${hostname()}`,
    "backend=local",
  ];
}

/** The default number of jobs at once: one per core, at least two, so that a waiting job does not block the others. */
export function defaultCapacity(cores: number): number {
  return Math.max(2, cores);
}
