import type { Diagnostic } from "../../model/index.ts";

/** More per severity than anyone reads; garbage can produce thousands. */
const most = 100;

/** Collects the findings in a file: each once, and only the first hundred errors and warnings. */
export class Findings {
  readonly #errors = new Map<string, Diagnostic>();
  readonly #warnings = new Map<string, Diagnostic>();

  /** Sorted by place. */
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
