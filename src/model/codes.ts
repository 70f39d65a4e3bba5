interface Code {
  /** What it means, for the reference. */
  readonly meaning: string;
  /** What to do, when the place where it is thrown knows nothing better. */
  readonly help: string;
  /** The HTTP status of an answer that carries it. */
  readonly status: number;
}

function define<const T extends Record<string, Code>>(table: T): T {
  return table;
}

/**
 * Every error and diagnostic code there is: one definition each, and the reference is made from it.
 * A code never changes its meaning and is never used again for another.
 */
export const codes = define({
  // The call
  "call-invalid": {
    meaning: "The command line or request does not fit.",
    help: "Read the usage of the command, or the API's schema.",
    status: 400,
  },
  "not-found": {
    meaning: "There is no such thing, or it is not yours to see.",
    help: "Check the name or id.",
    status: 404,
  },
  "already-exists": {
    meaning: "Something of that name is there already.",
    help: "Choose another name, or use the one there is.",
    status: 409,
  },
  conflict: {
    meaning: "The thing's state does not allow that now.",
    help: "Look at its state and try again.",
    status: 409,
  },
  "payload-too-large": {
    meaning: "The request or file is larger than the limit.",
    help: "Send less, or raise the limit in the configuration.",
    status: 413,
  },
  "rate-limited": { meaning: "Too many requests.", help: "Wait as long as Retry-After says.", status: 429 },
  internal: {
    meaning: "A defect of ours.",
    help: "Look at the server's log under the request's id, and report it.",
    status: 500,
  },
  unavailable: { meaning: "The server cannot do that right now.", help: "Try again shortly.", status: 503 },

  // Who asks
  unauthenticated: {
    meaning: "The token is missing, wrong or revoked.",
    help: "Send `Authorization: Bearer <token>`, or the token as the password of a git push.",
    status: 401,
  },
  forbidden: {
    meaning: "The token does not allow that.",
    help: "Use a token with the role that the operation needs.",
    status: 403,
  },

  // Workflow files
  "yaml-syntax": { meaning: "The file is not valid YAML.", help: "Mend the syntax at the place given.", status: 422 },
  "yaml-duplicate-key": {
    meaning: "A mapping has the same key twice.",
    help: "Remove or rename one of them.",
    status: 422,
  },
  "yaml-too-large": {
    meaning: "The file is larger, deeper or has more nodes (aliases expanded) than the limit.",
    help: "Split it, or use fewer aliases.",
    status: 422,
  },
  "workflow-schema": {
    meaning: "A key or value is not what the dialect allows there.",
    help: "Compare with the dialect's reference.",
    status: 422,
  },
  "workflow-limit": {
    meaning:
      "Compiling a workflow file takes more time or memory than the server gives it, or makes a plan that is too large.",
    help: "Make the file smaller, or split it.",
    status: 422,
  },
  "workflow-expression": {
    meaning: "An expression cannot be parsed or evaluated.",
    help: "Mend the expression at the place given.",
    status: 422,
  },
  "workflow-needs-unknown": {
    meaning: "A job, step or workflow needs one that does not exist.",
    help: "Correct the name, or remove the need.",
    status: 422,
  },
  "workflow-needs-cycle": {
    meaning: "Needs form a circle, so nothing in it could ever start.",
    help: "Remove one of the needs.",
    status: 422,
  },
  "workflow-matrix": {
    meaning: "A matrix is not a list of combinations, or has more than 256.",
    help: "Make it smaller, or mend its shape.",
    status: 422,
  },
  "workflow-unsupported": {
    meaning: "The workflow asks for something that this version or backend cannot do.",
    help: "Use another backend, or leave it out.",
    status: 422,
  },
  "workflow-injection": {
    meaning: "Text that anybody can write goes straight into a script.",
    help: "Pass it through `env:` and use the variable.",
    status: 422,
  },
  "workflow-substitution": {
    meaning: "A `${…}` substitution cannot be carried out.",
    help: "Mend it, or write `$${` for a literal `${`.",
    status: 422,
  },
  "workflow-schedule": {
    meaning: "A cron line or its time zone cannot be read, or never comes.",
    help: "Write minute, hour, day of the month, month and day of the week, such as `0 3 * * *`.",
    status: 422,
  },
  "workflow-none": {
    meaning: "There is no workflow to run.",
    help: "Add one under .github/workflows, .gitea/workflows, .forgejo/workflows, .woodpecker or .sluice, or name a file.",
    status: 422,
  },
  "workflow-events": {
    meaning: "Something starts on every event, those included that a later version brings.",
    help: "Name its events.",
    status: 422,
  },
  "workflow-deprecated": {
    meaning: "It works, but there is a better way by now.",
    help: "Use what the message names.",
    status: 422,
  },

  // Running
  "lease-stale": {
    meaning: "Another runner holds the job by now: the fencing number is old.",
    help: "Nothing: the runner drops the job by itself.",
    status: 409,
  },
  "log-gap": {
    meaning: "A log write starts after the end of what is stored.",
    help: "Send again from the length in the answer.",
    status: 409,
  },
  "log-closed": { meaning: "The log has been closed.", help: "Nothing: late output is dropped.", status: 409 },
  "artifact-unsafe": {
    meaning: "An archive holds a path or link that leads outside of it.",
    help: "Upload plain files below the workspace.",
    status: 422,
  },
  "step-unresolved": {
    meaning: "An action that a step uses cannot be found.",
    help: "Check the path, and that the checkout step comes first.",
    status: 422,
  },
  "shell-missing": {
    meaning: "The shell that a step asks for is not installed on the runner.",
    help: "Install it, or use another shell.",
    status: 422,
  },

  // The server's own house
  "config-invalid": {
    meaning: "The configuration does not fit its schema.",
    help: "Mend the key that the message names.",
    status: 500,
  },
  "runner-user": {
    meaning: "Jobs cannot run as the user that they should.",
    help: "Mend what the message names, or set `runner.user`.",
    status: 500,
  },
  "data-locked": {
    meaning: "Another server uses the same data folder or database.",
    help: "Stop the other one, or give this one another folder.",
    status: 500,
  },
  "schema-newer": {
    meaning: "The database was written by a newer version.",
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
    meaning: "Another program listens on the address.",
    help: "Choose another with --listen, or stop the other program.",
    status: 500,
  },

  // Forges
  "forge-unauthenticated": {
    meaning: "The forge does not accept Sluice's credential.",
    help: "Give Sluice a new token or key for the forge.",
    status: 502,
  },
  "forge-forbidden": {
    meaning: "The forge does not let Sluice do that.",
    help: "Give Sluice's account on the forge the right that the message names.",
    status: 502,
  },
  "forge-refused": {
    meaning: "The forge does not accept what Sluice sent.",
    help: "Read the forge's own message, which follows.",
    status: 502,
  },
  "forge-limited": {
    meaning: "The forge's limit of requests is used up.",
    help: "Sluice retries when the forge allows it again. Raise the limit if it happens often.",
    status: 503,
  },
  "forge-unavailable": {
    meaning: "The forge cannot be reached, or does not work.",
    help: "Check that the forge runs and that the server can reach it. Sluice retries.",
    status: 503,
  },
  "git-failed": {
    meaning: "git refused or could not be run.",
    help: "Read git's own message, which follows.",
    status: 502,
  },
});

export type ErrorCode = keyof typeof codes;
