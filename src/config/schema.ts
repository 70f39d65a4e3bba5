import * as z from "zod";

/** `HOST:PORT`, `[IPv6]:PORT`, or a port alone (then on loopback). Port 0 takes any free one. */
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
    description: "Where the server listens: HOST:PORT. Other than loopback only behind TLS or in a network you trust.",
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
const mebibytes = z
  .number()
  .int()
  .min(1)
  .max(1024 * 1024);

/**
 * `sluice.yaml`. Every key has a default, so that an empty file, or none, is a working server for one machine.
 * A key that is not here is an error: a misspelt limit must not pass for one that holds.
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
          "The address that people and runners use, when a proxy stands in front. Cookies are marked Secure when it is https.",
      }),
    data: z
      .string()
      .min(1)
      .default(".sluice-data")
      .meta({ description: "Folder of everything that is kept; relative to the configuration file." }),
    database: z
      .string()
      .regex(/^(postgres(ql)?:\/\/|sqlite:.)/, "expected postgres://… or sqlite:<path>")
      .optional()
      .meta({
        description:
          "postgres://user:password@host/name, or sqlite:<path>; by default a SQLite file in the data folder.",
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
          .meta({ description: "Jobs at once; by default the number of cores, 2 at least." }),
        labels: z
          .array(z.string().regex(/^[^\s,]+$/))
          .max(50)
          .optional()
          .meta({
            description: "Labels that jobs may ask for with runs-on; by default the usual ones of this machine.",
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
              "Whom jobs run as when the server is root: a name, a uid, or uid:gid; by default sluice-runner where there is such a user, else nobody. root lets them run as root, who can read everything of the server.",
          }),
        backend: z
          .enum(["host", "dummy"])
          .default("host")
          .meta({ description: "host runs steps as processes; dummy only pretends, for trying out workflows." }),
      })
      .prefault({})
      .meta({ description: "The runner inside the server." }),
    git: z
      .strictObject({
        pushLimitMiB: mebibytes
          .default(2048)
          .meta({ description: "The largest push; git refuses a larger one and says so." }),
      })
      .prefault({}),
    logs: z
      .strictObject({
        limitMiB: mebibytes.default(1024).meta({
          description: "The longest log of one step; what comes after it is dropped, with a notice at its end.",
        }),
        jobLimitMiB: mebibytes.default(4096).meta({
          description: "The logs of all steps of a job together; what comes after that is dropped, with a notice.",
        }),
      })
      .prefault({}),
    artifacts: z
      .strictObject({
        limitMiB: mebibytes.default(5120).meta({ description: "The largest artifact." }),
        runLimitMiB: mebibytes
          .default(20_480)
          .meta({ description: "All artifacts of a run together; an upload beyond that fails its step." }),
        totalMiB: mebibytes.default(102_400).meta({
          description:
            "All artifacts of a repository together; an upload beyond that fails its step until older ones have expired.",
        }),
        retentionDays: days
          .default(7)
          .meta({ description: "How long artifacts are kept, when the workflow does not say." }),
      })
      .prefault({}),
    caches: z
      .strictObject({
        limitMiB: mebibytes.default(2048).meta({ description: "The largest cache entry." }),
        totalMiB: mebibytes
          .default(10_240)
          .meta({ description: "All cache entries of a repository together; the ones unused longest go first." }),
      })
      .prefault({}),
    logLevel: z
      .enum(["debug", "info", "warn", "error"])
      .default("info")
      .meta({ description: "What the server writes to its own log." }),
  })
  .meta({ title: "sluice.yaml", description: "Configuration of a Sluice server." });

export type Config = z.infer<typeof configSchema>;

/** The JSON Schema of `sluice.yaml`, for editors and the reference. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { io: "input", target: "draft-2020-12", unrepresentable: "any" });
}
