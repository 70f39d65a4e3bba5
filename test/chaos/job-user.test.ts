import { readFileSync, readdirSync, statSync, existsSync, mkdirSync, chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Installation } from "../support/installation.ts";
import { leaveOut } from "../support/missing.ts";
import { works } from "../support/program.ts";
import { run, sluice } from "../support/sluice.ts";
import { until } from "../support/until.ts";

const isRoot = process.getuid?.() === 0;
if (!isRoot) leaveOut("jobs of a server that is root", "these tests do not run as root");

/** A workflow of one job with one step, which runs a script of the repository. */
function workflow(command: string, more = ""): Readonly<Record<string, string>> {
  return {
    ".sluice/ci.yml": `triggers: [push]\nruns_on: [host]\n${more}steps: [{ type: checkout }, { name: work, type: run_command, command: ${JSON.stringify(command)} }]\n`,
  };
}

/** The runner's process of a server, once there is one and no other. */
async function runnerOf(server: number): Promise<number> {
  return until("the one runner of the server", () => {
    const found = readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 1 && isRunnerOf(pid, server));
    return found.length === 1 ? found[0] : undefined;
  });
}

function isRunnerOf(pid: number, server: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return (
      Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === server &&
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("runner.cjs")
    );
  } catch {
    // It ended meanwhile.
    return false;
  }
}

/** What the attack on a process says when every part of it has the same fate. */
function files(name: string, fate: "refused" | "done"): readonly string[] {
  return ["environ", "mem", "maps", "fd", "cwd", "root", "ptrace"].map((what) => `${name} ${what} ${fate}`);
}

describe.runIf(isRoot).concurrent("a server that is root", () => {
  it("runs jobs as another user, with a home and groups of that user", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"] } } });
    await place.server.says(/Jobs run as nobody/);
    const told = place.witness("told");
    const run1 = await place.endOf(
      await place.push(
        "who",
        workflow(`
      { id -u; id -G; grep -E '^Cap(Prm|Eff)' /proc/self/status | { grep -vc 0000000000000000 || true; }; echo "$USER"; touch "$HOME/it" && stat -c %u "$HOME"; git rev-parse HEAD | wc -c; node --version | cut -c 1; } >> ${told.path}`),
      ),
    );
    expect(run1.status).toBe("success");
    expect(told.lines).toEqual(["65534", "65534", "0", "nobody", "65534", "41", "v"]);
  });

  it("keeps its data folder from them", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"] } } });
    const told = place.witness("told");
    await place.push("first", workflow("echo > artifact"));
    const secret = [
      "sluice.db",
      "sluice.db-wal",
      "sluice.db-shm",
      "server.key",
      "lock",
      "embedded-runner.id",
      "control.sock",
      "git",
      "git/first.git",
      "git/first.git/config",
      "git/first.git/sluice/spool",
      "logs",
      "blobs",
      ".",
      "work",
    ];
    const paths = secret.map((name) => join(place.data, name));
    // Each is there: that nobody reads it is no accident.
    await until("all files", () => (paths.every((path) => existsSync(path)) ? true : undefined));
    const ended = await place.endOf(
      await place.push("curious", {
        ...workflow(`sh try.sh >> ${told.path} 2>/dev/null; python3 connect.py >> ${told.path}`),
        "try.sh": `for path in ${paths.join(" ")}; do
        ls "$path"/ > /dev/null && echo "listed $path"
        cat "$path" > /dev/null && echo "read $path"
        touch "$path/planted" && echo "wrote $path"
        mv "$path" "$path.away" && echo "moved $path"
        chmod 777 "$path" && echo "changed $path"
      done
      cat try.sh > /dev/null && echo "read its own"
      ls .. > /dev/null && echo "listed its own"
      echo the end`,
        "connect.py": `import socket\ntry:\n  socket.socket(socket.AF_UNIX).connect(${JSON.stringify(join(place.data, "control.sock"))})\n  print("connected")\nexcept PermissionError:\n  print("refused")\n`,
      }),
    );
    expect([ended.status, ended.status === "success" ? undefined : JSON.stringify(ended.jobs)]).toEqual([
      "success",
      undefined,
    ]);
    expect(told.lines).toEqual(["read its own", "listed its own", "the end", "refused"]);
    const open = readdirSync(place.data).filter(
      (name) => name !== "work" && (statSync(join(place.data, name)).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
    for (const folder of [place.data, join(place.data, "work")])
      expect((statSync(folder).mode & 0o777).toString(8)).toBe("711");
  });

  it("keeps its own process and the runner's from them: memory, environment, files, signals that matter, the debugger", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"] } } });
    const told = place.witness("told");
    const runner = await runnerOf(place.server.pid);
    const ended = await place.endOf(
      await place.push("attack", {
        ...workflow(
          `sleep 600 & python3 attack.py ${place.server.pid} server >> ${told.path}; python3 attack.py ${runner} runner >> ${told.path}; python3 attack.py $! sibling >> ${told.path}; kill -9 $!`,
        ),
        "attack.py": `
import ctypes, os, signal, socket, sys
pid, name = int(sys.argv[1]), sys.argv[2]
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4
def tell(what, done): print(name, what, "done" if done else "refused")
for file in ["environ", "mem", "maps"]:
  try:
    open(f"/proc/{pid}/{file}", "rb").read(0 if file == "mem" else 1); tell(file, True)
  except PermissionError: tell(file, False)
for file in ["fd", "cwd", "root"]:
  try:
    os.listdir(f"/proc/{pid}/{file}"); tell(file, True)
  except PermissionError: tell(file, False)
if b"sluice_" in open(f"/proc/{pid}/cmdline", "rb").read(): print("a token in the arguments")
buffer = ctypes.create_string_buffer(8)
tell("ptrace", libc.ptrace(16, pid, 0, 0) == 0)
if name == "sibling": sys.exit(0)
for each in [signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
  try: os.kill(pid, each)
  except PermissionError: tell(each.name, False)
tell("debugger", socket.socket().connect_ex(("127.0.0.1", 9229)) == 0)
`,
      }),
    );
    expect(ended.status).toBe("success");
    const signals = ["SIGUSR1", "SIGUSR2", "SIGTERM", "SIGINT", "SIGHUP"].map((signal) => `server ${signal} refused`);
    // The sibling is the proof that such attacks work on what is not guarded.
    expect(told.lines).toEqual([
      ...files("server", "refused"),
      ...signals,
      "server debugger refused",
      ...files("runner", "refused"),
      "runner debugger refused",
      ...files("sibling", "done"),
    ]);
    expect(await runnerOf(place.server.pid)).toBe(runner);
    const environment = readFileSync(`/proc/${runner}/environ`, "utf8");
    expect(
      environment
        .split("\0")
        .map((each) => each.split("=")[0])
        .filter((each) => !/^(PATH|LANG|TMPDIR|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|)$/.test(each ?? "")),
    ).toEqual([]);
    for (const task of readdirSync(`/proc/${runner}/task`))
      expect(readFileSync(`/proc/${runner}/task/${task}/status`, "utf8")).toMatch(
        /^Uid:\s+65534\s+65534\s+65534\s+65534$/m,
      );
  });

  it("notices at once when a job kills the runner: the job is lost and retried, and the server goes on", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"], capacity: 1 } } });
    const told = place.witness("told");
    const before = await runnerOf(place.server.pid);
    const go = place.witness("go");
    const sha = await place.push(
      "suicide",
      workflow(
        `echo $$ >> ${told.path}; if [ $(wc -l < ${told.path}) = 1 ]; then (setsid sleep 600 & echo $! >> ${told.path}); until [ -e ${go.path} ]; do sleep 0.01; done; kill -9 ${before}; sleep 600; fi`,
        "retry: { lost: 1 }\n",
      ),
    );
    // A job of which the server has not heard that it began is queued again, and not lost.
    await until("the report of the step", async () =>
      (await place.runOf(sha))?.jobs[0]?.steps.some((step) => step.status === "running" && step.name === "work") ===
      true
        ? true
        : undefined,
    );
    go.write();
    const ended = await place.endOf(sha);
    expect(ended.status).toBe("success");
    expect(ended.earlier.map((job) => [job.status, job.reason])).toEqual([
      ["lost", "the embedded runner exited (SIGKILL) while the job ran"],
    ]);
    expect(await runnerOf(place.server.pid)).not.toBe(before);
    expect(place.server.said).toContain("the embedded runner exited and its jobs are lost; restarting it");
    expect(told.lines).toHaveLength(3);
    expect(told.lines.map(Number).filter(works)).toEqual([]);
  });

  it("notices a runner stopped by a job, and starts another", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"] } } });
    const told = place.witness("told");
    const before = await runnerOf(place.server.pid);
    const sha = await place.push(
      "still",
      workflow(
        `echo again >> ${told.path}; if [ $(wc -l < ${told.path}) = 1 ]; then kill -STOP ${before}; sleep 600; fi`,
        "retry: { lost: 1 }\n",
      ),
    );
    expect((await place.endOf(sha)).status).toBe("success");
    expect(works(before)).toBe(false);
    expect(place.server.said).toContain("the embedded runner does not respond; killing it");
  });

  it("leaves nothing running after kill -9: the runner and its steps are gone within seconds", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"] } } });
    const pids = place.witness("pids");
    await place.push(
      "orphans",
      workflow(
        `trap '' TERM; echo $$ >> ${pids.path}; setsid sleep 600 & echo $! >> ${pids.path}; while :; do sleep 1; done`,
      ),
    );
    const left = [await runnerOf(place.server.pid), ...(await pids.has(2)).map(Number)];
    await place.server.kill();
    const killed = performance.now();
    await until("the end of the runner and its steps", () => (left.some(works) ? undefined : true));
    expect(left.filter(works)).toEqual([]);
    console.log(`the runner and its steps were gone ${Math.round(performance.now() - killed)} ms after the server`);
  });

  it("starts again whatever jobs left in their work folder", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"], user: "4244:4244" } } });
    const made = join(place.data, "work", "4244");
    await place.endOf(
      await place.push(
        "mines",
        workflow(
          `cd ${made} && rm -rf home && ln -s nowhere home && mkdir job-${"a".repeat(20)} job-${"b".repeat(20)} && mkfifo job-${"a".repeat(20)}/.owner && cd job-${"b".repeat(20)} && python3 -c 'import os\nfor i in range(1000): os.mkdir("d" * 10); os.chdir("d" * 10)'`,
        ),
      ),
    );
    expect(readdirSync(made)).toContain(`job-${"b".repeat(20)}`);
    await place.server.kill();
    await place.startServer();
    expect(readdirSync(made).filter((name) => name.startsWith("job-"))).toEqual([]);
    expect(statSync(join(made, "home")).isDirectory()).toBe(true);
  });

  it("starts, without a runner and never as root, while a job's daemon kills each runner; and has one when that ends", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"], user: "4245:4245" } } });
    const told = place.witness("told");
    const go = place.witness("go");
    await place.endOf(
      await place.push("killer", {
        ...workflow(`env -i ${"$"}(command -v python3) killer.py ${told.path} ${go.path}`),
        "killer.py": `
import os, signal, sys, time
if os.fork(): sys.exit(0)
os.setsid()
os.chdir("/")
null = os.open("/dev/null", os.O_RDWR)
for each in [0, 1, 2]: os.dup2(null, each)
end = time.time() + 240
with open(sys.argv[1], "a") as told: told.write(f"{os.getpid()}\\n")
while not os.path.exists(sys.argv[2]): time.sleep(0.01)
while time.time() < end:
  for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
      if b"runner.cjs" in open(f"/proc/{pid}/cmdline", "rb").read(): os.kill(int(pid), signal.SIGKILL)
    except OSError: pass
`,
      }),
    );
    const killer = Number((await told.has(1))[0]);
    go.write();
    await place.server.says(/cannot start the embedded runner; retrying/);
    await place.server.kill();
    await place.startServer();
    await place.server.says(/cannot start the embedded runner; retrying/);
    expect(works(killer)).toBe(true);
    process.kill(killer, "SIGKILL");
    const ended = await place.endOf(await place.push("after", workflow(`id -u >> ${told.path}`)));
    expect([ended.status, told.lines.slice(1)]).toEqual(["success", ["4245"]]);
  });

  it("cleans up what jobs of another user left", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"], user: "4242:4343" } } });
    await place.server.says(/Jobs run as user 4242/);
    const pids = place.witness("pids");
    await place.push(
      "left",
      workflow(
        `id -u >> ${pids.path}; id -G >> ${pids.path}; mkdir -p shut && touch shut/file && ln -s ${place.data} shut/away && chmod 500 shut; setsid sleep 600 & echo $! >> ${pids.path}; sleep 600`,
      ),
    );
    const [uid, groups, daemon] = (await pids.has(3)).map(Number);
    expect([uid, groups]).toEqual([4242, 4343]);
    // Neither has the time to tidy up.
    process.kill(await runnerOf(place.server.pid), "SIGSTOP");
    await place.server.kill();
    expect(works(daemon ?? 0)).toBe(true);
    writeFileSync(join(place.folder, "sluice.yaml"), "runner: { labels: [host] }\n");
    await place.startServer();
    expect(works(daemon ?? 0)).toBe(false);
    expect(readdirSync(join(place.data, "work"))).toEqual(["65534"]);
    expect(existsSync(join(place.data, "sluice.db"))).toBe(true);
  });

  it("runs them as root only when told so, and says what that means", async () => {
    await using place = await Installation.start({ config: { runner: { labels: ["host"], user: "root" } } });
    await place.server.says(/warning: steps of the embedded runner run as root and can read the server's data/);
    const told = place.witness("told");
    await place.endOf(await place.push("root", workflow(`id -u >> ${told.path}`)));
    expect(told.lines).toEqual(["0"]);
  });

  it("does not start when that user cannot get at the program or the data, and says what to do; the demo runs as root then, and says so", async () => {
    await using place = await Installation.start({ config: { runner: { embedded: false } } });
    const shut = join(place.folder, "shut");
    mkdirSync(shut);
    chmodSync(shut, 0o700);
    const server = await run(sluice, ["server", "--data", join(shut, "data"), "--listen", "127.0.0.1:0"], { cwd: "/" });
    expect(server).toMatchObject({ code: 2 });
    expect(server.stderr).toMatch(
      /Jobs run as nobody, who cannot enter \S+\/shut \(mode 0700\)\. \[runner-user\]\n {2}help: .*runner\.user/,
    );
    const swappable = join(place.folder, "swappable");
    mkdirSync(swappable);
    chmodSync(swappable, 0o777);
    const swap = await run(sluice, ["server", "--data", join(swappable, "data"), "--listen", "127.0.0.1:0"], {
      cwd: "/",
    });
    expect(swap).toMatchObject({ code: 2 });
    expect(swap.stderr).toMatch(
      /Jobs run as nobody, who can write to \S+\/swappable and could replace the server's data folder\. \[runner-user\]\n {2}help: .*chmod go-w/,
    );
    const swapDoctor = await run(sluice, ["doctor", "--data", join(swappable, "data"), "--listen", "127.0.0.1:0"], {
      cwd: "/",
    });
    expect(swapDoctor.stdout).toMatch(/✕ jobs: Jobs run as nobody, who can write to/);
    const other = await run(sluice, ["doctor", "--data", join(shut, "data"), "--listen", "127.0.0.1:0"], { cwd: "/" });
    expect(other).toMatchObject({ code: 1 });
    expect(other.stdout).toMatch(/✕ jobs: Jobs run as nobody, who cannot enter/);
    const demo = await run(sluice, ["demo", "--once", "--data", join(shut, "data"), "--listen", "127.0.0.1:0"], {
      cwd: "/",
    });
    expect(demo).toMatchObject({ code: 0 });
    expect(demo.stderr).toMatch(
      /warning: steps of the embedded runner run as root and .*because they cannot run as another user: Jobs run as nobody, who cannot enter/,
    );
  });
});
