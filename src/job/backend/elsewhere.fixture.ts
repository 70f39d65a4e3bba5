import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Entry, FileToPack, FileToWrite, ListOptions, UnpackOptions } from "./files.ts";
import { hostBackend } from "./host/index.ts";
import type {
  Backend,
  Capabilities,
  Container,
  Environment,
  ImageBuild,
  JobStart,
  ServiceStart,
  StepStart,
  Tool,
} from "./port.ts";

const capabilities: Capabilities = { executes: true, images: true, services: true, thisMachine: false };

/** What an elsewhere backend was asked for. */
export interface Asked {
  readonly opened: JobStart[];
  readonly images: Container[];
}

/**
 * A backend whose jobs are elsewhere: their paths (`/elsewhere/…`) mean nothing on this machine, so whatever does not go
 * through the port fails. In fact they run here. A program of an image is one of this machine that finds the image's name in
 * IMAGE; the image's own program prints it, its arguments and what actions get.
 */
export function elsewhereBackend(
  workRoot: string,
  { git = true }: { readonly git?: boolean } = {},
): Backend & { readonly asked: Asked } {
  const host = hostBackend({ workRoot });
  const asked: Asked = { opened: [], images: [] };
  return {
    name: "elsewhere",
    capabilities,
    asked,
    prepare: () => host.prepare(),
    open: async (job) => {
      asked.opened.push(job);
      if (job.container !== undefined) job.log(`Pulling ${job.container.image}`);
      return new Elsewhere(await host.open(job), asked, git);
    },
    sweep: (report) => host.sweep(report),
  };
}

const own = `echo "image $IMAGE; arguments $*; input $INPUT_A"; ls "$GITHUB_WORKSPACE"; echo "o=$IMAGE" >> "$GITHUB_OUTPUT"; echo s=1 >> "$GITHUB_STATE"`;

class Elsewhere implements Environment {
  readonly capabilities = capabilities;
  readonly folders;
  readonly system;
  readonly variables;
  readonly jobContext = { container: { id: "c1", network: "n1" } };
  readonly #host: Environment;
  readonly #asked: Asked;
  readonly #git: boolean;

  constructor(host: Environment, asked: Asked, git: boolean) {
    this.#host = host;
    this.#asked = asked;
    this.#git = git;
    this.system = host.system;
    this.variables = host.variables;
    const { workspace, job, plain, temp, tools, home } = host.folders;
    this.folders = {
      workspace: this.#there(workspace),
      job: this.#there(job),
      plain: this.#there(plain),
      temp: this.#there(temp),
      tools: this.#there(tools),
      home,
    };
  }

  /** A path of this machine as it is elsewhere. */
  #there(path: string): string {
    const { job, plain } = this.#host.folders;
    return path.replace(job, "/elsewhere/job").replace(plain, "/elsewhere/plain");
  }

  /** A text with paths of elsewhere, as they are on this machine. */
  #here(text: string): string {
    const { job, plain } = this.#host.folders;
    return text.replaceAll("/elsewhere/job", job).replaceAll("/elsewhere/plain", plain);
  }

  find(names: readonly string[], path: string): Promise<string | undefined> {
    return this.#host.find(names, path);
  }

  async tool(name: "git" | "node", path: string): Promise<Tool | undefined> {
    return name === "git" && !this.#git ? undefined : this.#host.tool(name, path);
  }

  async start({ image, program, args, cwd, env, ...step }: StepStart) {
    if (image !== undefined) this.#asked.images.push(image);
    const variables = { ...this.variables, ...(image === undefined ? {} : { IMAGE: image.image }), ...env };
    const path = this.variables["PATH"] ?? "";
    const words = program === undefined ? ["/bin/sh", "-c", own, "own"] : [program];
    const [first = "", ...rest] = words;
    return this.#host.start({
      ...step,
      program: (await this.find([first], path)) ?? first,
      args: [...rest, ...args].map((arg) => this.#here(arg)),
      cwd: this.#here(cwd),
      env: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, this.#here(value)])),
    });
  }

  async startService({ container, ...service }: ServiceStart) {
    this.#asked.images.push(container);
    const script = `echo "service $0 of $IMAGE"; exec sleep 600`;
    const started = await this.#host.start({
      ...service,
      description: { kind: "service", name: service.id, lines: service.commands ?? [] },
      program: "/bin/sh",
      args: ["-c", script, service.id],
      cwd: this.#host.folders.workspace,
      env: { ...this.variables, ...container.env, IMAGE: container.image },
    });
    return { ...started, context: { id: `id-of-${service.id}`, network: "n1", ports: { "5432": "49152" } } };
  }

  async buildImage({ file, output }: ImageBuild): Promise<string> {
    const content = await readFile(this.#here(file));
    await output(Buffer.from("building\n"));
    return `built-${createHash("sha256").update(content).digest("hex").slice(0, 8)}`;
  }

  read(paths: readonly string[], options: { readonly mostBytes: number; readonly follow?: boolean }) {
    return this.#host.read(
      paths.map((path) => this.#here(path)),
      options,
    );
  }

  write(files: readonly FileToWrite[]): Promise<void> {
    return this.#host.write(files.map((file) => ({ ...file, path: this.#here(file.path) })));
  }

  async stat(paths: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    const found = await this.#host.stat(paths.map((path) => this.#here(path)));
    return found.map((entry) => (entry === undefined ? undefined : { ...entry, path: this.#there(entry.path) }));
  }

  async list(path: string, { hidden, follow }: ListOptions): Promise<readonly Entry[]> {
    const inside = follow === undefined ? {} : { follow: { inside: this.#here(follow.inside) } };
    const found = await this.#host.list(this.#here(path), { hidden, ...inside });
    return found.map((entry) => ({ ...entry, path: this.#there(entry.path) }));
  }

  names(folder: string): Promise<readonly string[]> {
    return this.#host.names(this.#here(folder));
  }

  hash(paths: readonly string[]): Promise<readonly string[]> {
    return this.#host.hash(paths.map((path) => this.#here(path)));
  }

  makeFolder(path: string, within: string): Promise<boolean> {
    return this.#host.makeFolder(this.#here(path), this.#here(within));
  }

  remove(paths: readonly string[]): Promise<void> {
    return this.#host.remove(paths.map((path) => this.#here(path)));
  }

  copy(): Promise<void> {
    return Promise.reject(new Error("Nothing of this machine can be copied from elsewhere."));
  }

  copyOut(files: readonly FileToPack[], options: { readonly links: boolean }): AsyncIterable<Uint8Array> {
    return this.#host.copyOut(
      files.map((file) => ({ ...file, path: this.#here(file.path) })),
      options,
    );
  }

  copyIn(tar: AsyncIterable<Uint8Array>, options: UnpackOptions) {
    return this.#host.copyIn(tar, {
      ...options,
      place: (name) => {
        const place = options.place(name);
        return place === undefined ? undefined : { ...place, root: this.#here(place.root) };
      },
    });
  }

  stop(): Promise<void> {
    return this.#host.stop();
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}
