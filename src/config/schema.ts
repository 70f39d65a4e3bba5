import * as z from "zod";

/** `HOST:PORT`, `[IPv6]:PORT`, or a port alone (then on loopback). Port 0 picks any free port. */
export const listenSchema = z
  .union([z.string(), z.number()])
  .transform((text, context) => {
    const address = parseListen(String(text));
    if (address !== undefined) return address;
    context.issues.push({
      code: "custom",
      message: "expected HOST:PORT, such as 127.0.0.1:8420 or [::]:8420",
      input: text,
    });
    return z.NEVER;
  })
  .meta({
    description:
      "Address to listen on: HOST:PORT. Use an address other than loopback only behind TLS or in a network you trust.",
  });

export interface Listen {
  readonly host: string;
  readonly port: number;
}

function parseListen(text: string): Listen | undefined {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return undefined;
  return { host: match[1] ?? match[2] ?? "127.0.0.1", port };
}

const days = z.number().int().min(1).max(3650);
const runs = z.number().int().min(1).max(1_000_000);
const mebibytes = z
  .number()
  .int()
  .min(1)
  .max(1024 * 1024);

/**
 * `sluice.yaml`. Every key has a default, so an empty or missing file gives a working server for one machine. An
 * unknown key is an error: a misspelt limit must not look like one that holds.
 */
export const configSchema = z
  .strictObject({
    listen: listenSchema.prefault("127.0.0.1:8420"),
    externalUrl: z
      .url({ protocol: /^https?$/ })
      .refine(
        (url) => URL.canParse(url) && new URL(url).pathname === "/" && new URL(url).search === "",
        "expected http(s)://host[:port] without a path",
      )
      .transform((url) => url.replace(/\/+$/, ""))
      .optional()
      .meta({
        description:
          "The URL that people and runners use, if the server is behind a proxy. Cookies are marked Secure if it is https.",
      }),
    data: z
      .string()
      .min(1)
      .default(".sluice-data")
      .meta({ description: "Data folder; relative to the configuration file." }),
    database: z
      .string()
      .regex(/^(postgres(ql)?:\/\/|sqlite:.)/, "expected postgres://… or sqlite:<path>")
      .optional()
      .meta({
        description: "postgres://user:password@host/name, or sqlite:<path>. Default: a SQLite file in the data folder.",
      }),
    runner: z
      .strictObject({
        embedded: z.boolean().default(true).meta({ description: "Run jobs on the server's own machine." }),
        capacity: z
          .number()
          .int()
          .min(1)
          .max(256)
          .optional()
          .meta({ description: "Jobs at once. Default: the number of cores, at least 2." }),
        labels: z
          .array(z.string().regex(/^[^\s,]+$/))
          .max(50)
          .optional()
          .meta({
            description: "Labels that jobs can ask for with runs-on. Default: this machine's usual labels.",
          }),
        user: z
          .union([
            z
              .string()
              .regex(/^(?:[A-Za-z_][A-Za-z0-9_.-]*\$?|\d{1,10}(?::\d{1,10})?)$/, "expected a name, a uid, or uid:gid"),
            z.number().int().min(0).transform(String),
          ])
          .optional()
          .meta({
            description:
              "The user that runs jobs if the server is root: a name, a uid, or uid:gid. Default: sluice-runner if that user exists, otherwise nobody. With root, jobs run as root and can read everything the server has.",
          }),
        backend: z
          .enum(["host", "dummy"])
          .default("host")
          .meta({ description: "host runs steps as processes; dummy executes nothing, to try out workflows." }),
      })
      .prefault({})
      .meta({ description: "The embedded runner." }),
    git: z
      .strictObject({
        pushLimitMiB: mebibytes
          .default(2048)
          .meta({ description: "Maximum size of a push; git rejects a larger one with a message." }),
      })
      .prefault({}),
    logs: z
      .strictObject({
        limitMiB: mebibytes.default(1024).meta({
          description: "Maximum log size of a step; further output is dropped, with a notice at the end.",
        }),
        jobLimitMiB: mebibytes.default(4096).meta({
          description: "Maximum log size of all steps of a job together; further output is dropped, with a notice.",
        }),
      })
      .prefault({}),
    artifacts: z
      .strictObject({
        limitMiB: mebibytes.default(5120).meta({ description: "Maximum size of an artifact." }),
        runLimitMiB: mebibytes.default(20_480).meta({
          description: "Maximum size of all artifacts of a run together; an upload beyond it fails its step.",
        }),
        totalMiB: mebibytes.default(102_400).meta({
          description:
            "Maximum size of all artifacts of a repository together; an upload beyond it fails its step until older ones expire.",
        }),
        retentionDays: days
          .default(7)
          .meta({ description: "How long artifacts are kept, unless the workflow sets it." }),
      })
      .prefault({}),
    caches: z
      .strictObject({
        limitMiB: mebibytes.default(2048).meta({ description: "Maximum size of a cache entry." }),
        totalMiB: mebibytes.default(10_240).meta({
          description:
            "Maximum size of all cache entries of a repository together; the least recently used are removed first.",
        }),
      })
      .prefault({}),
    retention: z
      .strictObject({
        runs: z
          .strictObject({
            days: days.default(90).meta({
              description: "Runs that ended longer ago are removed, with their logs and artifacts.",
            }),
            count: runs.default(500).meta({
              description:
                "Runs kept of a repository: of more than that the oldest are removed, but none that ended within the last day.",
            }),
            floor: runs.default(20).meta({
              description:
                "The newest runs of a repository that stay, however old. The newest run of its default branch always stays.",
            }),
          })
          .prefault({})
          .meta({ description: "Which ended runs of each repository are kept." }),
      })
      .prefault({}),
    logLevel: z
      .enum(["debug", "info", "warn", "error"])
      .default("info")
      .meta({ description: "The server's log level." }),
  })
  .meta({ title: "sluice.yaml", description: "Configuration of a Sluice server." });

export type Config = z.infer<typeof configSchema>;

/** The JSON Schema of `sluice.yaml`, for editors and the reference. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { io: "input", target: "draft-2020-12", unrepresentable: "any" });
}
