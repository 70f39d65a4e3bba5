import { arch, hostname, platform } from "node:os";

/** What Node calls an architecture, and what the dialects do. */
const architectures: Readonly<Record<string, { readonly actions: string; readonly woodpecker: string }>> = {
  x64: { actions: "x64", woodpecker: "amd64" },
  arm64: { actions: "arm64", woodpecker: "arm64" },
};

/** The system's labels in the Actions dialect: workflows written for a hosted runner's image run on the host instead. */
const images: Readonly<Record<string, readonly string[]>> = {
  linux: ["linux", "ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "ubuntu-20.04"],
  darwin: ["macos", "macos-latest"],
};

/** Labels of a runner on this machine, when nobody names others: those that workflows of the dialects usually ask for. */
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

/** Jobs at once, when nobody says how many: one a core, two at least, so that one that waits does not hold up the others. */
export function defaultCapacity(cores: number): number {
  return Math.max(2, cores);
}
