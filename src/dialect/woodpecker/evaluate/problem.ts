/** Why a condition cannot be read or evaluated; the message goes on a sentence about the condition. */
export class ConditionProblem extends Error {}
