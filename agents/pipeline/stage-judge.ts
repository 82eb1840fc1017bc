import type { AgentAnswer, AgentRequest } from '../contract/agent.js'

/** An answer that an agent of the stage gave. */
export interface Given {
  /** Number of the agent in its stage. */
  readonly agent: number
  readonly answer: AgentAnswer
}

/** What the answers of a stage are worth, taken together. */
export interface Judgement {
  /** Grade of what came last; where a stage is judged as a whole, of the best so far. */
  readonly grade: number
  /** Which answer counts from now on, by its place among those given. */
  readonly kept: number
}

/** Turns what agents say of themselves into grades. */
export interface StageJudge {
  /**
   * @param given - of this stage, in the order in which they came; at least one
   * @param before - grade and place of the answer kept so far; null before the first
   */
  judge(request: AgentRequest, given: readonly Given[], before: Judgement | null): Judgement
}

/**
 * Grades by the confidence of each answer alone: as many as there are bounds that it reaches. The better grade is kept; of equal ones the
 * earlier, unless that said nothing.
 */
export class ConfidenceJudge implements StageJudge {
  readonly #bounds: readonly (readonly number[])[]
  readonly #asUnderstood: readonly boolean[]

  /**
   * @param bounds - [agent][G-1], rising: the confidence from which on an answer has grade 1, 2, ...
   * @param asUnderstood - [agent], whether its confidence counts only as far as the question is understood; default: none does
   */
  constructor(bounds: readonly (readonly number[])[], asUnderstood: readonly boolean[] = []) {
    this.#bounds = bounds
    this.#asUnderstood = asUnderstood
  }

  judge({ found }: AgentRequest, given: readonly Given[], before: Judgement | null): Judgement {
    const { agent, answer } = given.at(-1)!
    const understood = this.#asUnderstood[agent] ? (found.frame?.confidence ?? 1) : 1
    const grade = gradeOf(answer.confidence * understood, this.#bounds[agent]!)
    // Who said nothing gives way to whoever said something.
    const isEmpty = before !== null && Object.keys(given[before.kept]!.answer.found).length === 0
    const isBetter = before === null || grade > before.grade || (grade === before.grade && isEmpty)
    return { grade, kept: isBetter ? given.length - 1 : before.kept }
  }
}

/** How many bounds a number reaches. */
export function gradeOf(confidence: number, bounds: readonly number[]): number {
  let grade = 0
  while (grade < bounds.length && confidence >= bounds[grade]!) grade++
  return grade
}
