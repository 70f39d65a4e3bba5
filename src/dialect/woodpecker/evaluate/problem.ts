/** Why a condition cannot be parsed or evaluated; the message continues a sentence about the condition. */
export class ConditionProblem extends Error {}
