import type { StepPlan } from "./plan.ts";
import { stepName } from "./step-name.ts";

/** What is known of a job's step before its runner reports it. */
export interface PlannedStep {
  readonly id: string;
  readonly name: string;
  /** Indexes of the steps that must end first, where the steps of the job form a graph. */
  readonly needs?: readonly number[];
}

/** The steps of a job as its plan has them. */
export function plannedSteps(steps: readonly StepPlan[]): readonly PlannedStep[] {
  const graph = steps.some((step) => step.needs !== undefined);
  const places = new Map(steps.map((step, index) => [step.id, index]));
  return steps.map((step) => ({
    id: step.id,
    name: stepName(step),
    ...(graph ? { needs: (step.needs ?? []).flatMap((id) => places.get(id) ?? []) } : {}),
  }));
}
