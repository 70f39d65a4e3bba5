import type { Diagnostic } from "../../model/index.ts";

/** More of one severity than anybody reads; garbage can make thousands. */
const most = 100;

/** Collects what is found in a file: each finding once, and of the errors and warnings the first hundred. */
export class Findings {
  readonly #errors = new Map<string, Diagnostic>();
  readonly #warnings = new Map<string, Diagnostic>();

  /** By place. */
  get all(): readonly Diagnostic[] {
    return [...this.#errors.values(), ...this.#warnings.values()].toSorted(
      (a, b) => a.line - b.line || a.column - b.column,
    );
  }

  get failed(): boolean {
    return this.#errors.size > 0;
  }

  add(...diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      const found = diagnostic.severity === "error" ? this.#errors : this.#warnings;
      if (found.size < most) found.set(`${diagnostic.line}:${diagnostic.column}:${diagnostic.message}`, diagnostic);
    }
  }
}
