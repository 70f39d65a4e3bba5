interface Code {
  /** What it means, for the reference. */
  readonly meaning: string;
  /** What to do, unless the place that throws it knows better. */
  readonly help: string;
  /** The HTTP status of a response that carries it. */
  readonly status: number;
}

function define<const T extends Record<string, Code>>(table: T): T {
  return table;
}

/**
 * Every error and diagnostic code, each defined once; the reference is generated from this table. A code never changes
 * its meaning and is never reused for another.
 */
export const codes = define({
  // Requests
  "call-invalid": {
    meaning: "The command line or the request is invalid.",
    help: "Check the command's --help, or the API schema.",
    status: 400,
  },
  "not-found": {
    meaning: "It does not exist, or you have no access to it.",
    help: "Check the name or id.",
    status: 404,
  },
  "already-exists": {
    meaning: "The name is already in use.",
    help: "Choose another name, or use the existing one.",
    status: 409,
  },
  conflict: {
    meaning: "The current state does not allow this.",
    help: "Check the state and try again.",
    status: 409,
  },
  "payload-too-large": {
    meaning: "The request or file is larger than the limit.",
    help: "Send less, or raise the limit in the configuration.",
    status: 413,
  },
  "rate-limited": {
    meaning: "Too many requests.",
    help: "Wait for the time in Retry-After, then try again.",
    status: 429,
  },
  internal: {
    meaning: "An internal error: this is a bug in Sluice.",
    help: "Find the request's id in the server's log, and report the bug.",
    status: 500,
  },
  unavailable: { meaning: "The server cannot do this right now.", help: "Try again shortly.", status: 503 },

  // Authentication
  unauthenticated: {
    meaning: "The token is missing, wrong or revoked.",
    help: "Send `Authorization: Bearer <token>`, or use the token as the password of a git push.",
    status: 401,
  },
  forbidden: {
    meaning: "The token does not allow this.",
    help: "Use a token with the required role.",
    status: 403,
  },

  // Workflow files
  "yaml-syntax": { meaning: "The file is not valid YAML.", help: "Fix the syntax at the given place.", status: 422 },
  "yaml-duplicate-key": {
    meaning: "A mapping has the same key twice.",
    help: "Remove or rename one of them.",
    status: 422,
  },
  "yaml-too-large": {
    meaning: "The file is larger, deeper or has more nodes (including expanded aliases) than allowed.",
    help: "Split the file, or use fewer aliases.",
    status: 422,
  },
  "workflow-schema": {
    meaning: "The dialect does not allow this key or value here.",
    help: "Compare it with the dialect's reference.",
    status: 422,
  },
  "workflow-limit": {
    meaning: "Compiling the workflow file takes too much time or memory, or its plan is too large.",
    help: "Make the file smaller, or split it.",
    status: 422,
  },
  "workflow-expression": {
    meaning: "An expression cannot be parsed or evaluated.",
    help: "Fix the expression at the given place.",
    status: 422,
  },
  "workflow-needs-unknown": {
    meaning: "A job, step or workflow needs another one that does not exist.",
    help: "Fix the name, or remove the need.",
    status: 422,
  },
  "workflow-needs-cycle": {
    meaning: "Needs form a cycle, so none of them can start.",
    help: "Remove one of the needs.",
    status: 422,
  },
  "workflow-matrix": {
    meaning: "A matrix is not a list of combinations, or has more than 256.",
    help: "Make it smaller, or fix its structure.",
    status: 422,
  },
  "workflow-unsupported": {
    meaning: "This version or this backend does not support something the workflow uses.",
    help: "Use another backend, or remove it.",
    status: 422,
  },
  "workflow-injection": {
    meaning: "Text that anyone can write is pasted into a script.",
    help: "Pass it through `env:` and use the variable.",
    status: 422,
  },
  "workflow-substitution": {
    meaning: "A `${…}` substitution is invalid.",
    help: "Fix it, or write `$${` for a literal `${`.",
    status: 422,
  },
  "workflow-schedule": {
    meaning: "A cron line or its time zone is invalid, or the line never occurs.",
    help: "Write minute, hour, day of the month, month and day of the week, for example `0 3 * * *`.",
    status: 422,
  },
  "workflow-none": {
    meaning: "No workflow was found.",
    help: "Add one in .github/workflows, .gitea/workflows, .forgejo/workflows, .woodpecker or .sluice, or name a file.",
    status: 422,
  },
  "workflow-events": {
    meaning: "A step starts on every event, including events that a later version adds.",
    help: "List its events.",
    status: 422,
  },
  "workflow-deprecated": {
    meaning: "It still works, but there is a better way.",
    help: "Use the replacement that the message names.",
    status: 422,
  },

  // Running
  "lease-stale": {
    meaning: "Another runner holds the job: the fencing number is outdated.",
    help: "Nothing to do: the runner drops the job.",
    status: 409,
  },
  "log-gap": {
    meaning: "A log write starts beyond the end of the stored log.",
    help: "Resend from the length in the response.",
    status: 409,
  },
  "log-closed": { meaning: "The log is closed.", help: "Nothing to do: late output is dropped.", status: 409 },
  "artifact-unsafe": {
    meaning: "An archive contains a path or link that leads outside of it.",
    help: "Upload plain files inside the workspace.",
    status: 422,
  },
  "step-unresolved": {
    meaning: "An action used by a step was not found.",
    help: "Check the path, and that the checkout step comes first.",
    status: 422,
  },
  "shell-missing": {
    meaning: "The step's shell is not installed on the runner.",
    help: "Install it, or use another shell.",
    status: 422,
  },

  // The server
  "config-invalid": {
    meaning: "The configuration is invalid.",
    help: "Fix the key that the message names.",
    status: 500,
  },
  "runner-user": {
    meaning: "Jobs cannot run as the configured user.",
    help: "Fix the cause that the message names, or set `runner.user`.",
    status: 500,
  },
  "data-locked": {
    meaning: "Another server uses the same data folder or database.",
    help: "Stop the other server, or use another folder or database.",
    status: 500,
  },
  "schema-newer": {
    meaning: "A newer version wrote the database.",
    help: "Start that version or a later one, or restore a backup.",
    status: 500,
  },
  "stored-invalid": {
    meaning: "Something in the database is damaged.",
    help: "Restore the database from a backup. Everything else keeps working.",
    status: 500,
  },
  "stored-newer": {
    meaning: "A newer version wrote something in the database.",
    help: "Start that version or a later one, or restore a backup.",
    status: 500,
  },
  "storage-full": {
    meaning: "The disk is full.",
    help: "Free space on the volume that the message names.",
    status: 507,
  },
  "storage-broken": { meaning: "A stored file is missing or damaged.", help: "Restore it from a backup.", status: 500 },
  "address-in-use": {
    meaning: "Another program is listening on the address.",
    help: "Choose another with --listen, or stop the other program.",
    status: 500,
  },

  // Forges
  "forge-unauthenticated": {
    meaning: "The forge rejected Sluice's credential.",
    help: "Give Sluice a new token or key for the forge.",
    status: 502,
  },
  "forge-forbidden": {
    meaning: "The forge denied Sluice permission.",
    help: "Give Sluice's account on the forge the permission that the message names.",
    status: 502,
  },
  "forge-refused": {
    meaning: "The forge rejected the request.",
    help: "Read the forge's message below.",
    status: 502,
  },
  "forge-limited": {
    meaning: "The forge's rate limit is reached.",
    help: "Sluice retries when the forge allows it. If this happens often, raise the limit.",
    status: 503,
  },
  "forge-unavailable": {
    meaning: "The forge cannot be reached or returns errors.",
    help: "Check that the forge is running and that the server can reach it. Sluice retries.",
    status: 503,
  },
  "git-failed": {
    meaning: "git failed or could not be started.",
    help: "Read git's message below.",
    status: 502,
  },
});

export type ErrorCode = keyof typeof codes;
