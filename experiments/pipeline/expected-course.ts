import type { RoutingPipelineConfig } from '#env/routing-pipeline/config.js'
import { newProgress, PipelineRules, type Progress } from '#env/routing-pipeline/pipeline-rules.js'

/** What becomes of a question on average, from some state on. */
export interface Course {
  /** Chance of a right answer. */
  readonly right: number
  /** Chance of any answer: the rest is handed over. */
  readonly answered: number
  /** Chance that the user is asked back. */
  readonly asked: number
  readonly calls: number
  readonly costUsd: number
  readonly waitedMs: number
}

type Sums = { -readonly [K in keyof Course]: Course[K] }

const nothing: Course = { right: 0, answered: 0, asked: 0, calls: 0, costUsd: 0, waitedMs: 0 }

/** What becomes of questions under a policy of state numbers, exactly. */
export class ExpectedCourse {
  readonly #config: RoutingPipelineConfig
  readonly #rules: PipelineRules
  readonly #policy: ArrayLike<number>
  readonly #known = new Map<number, Course>()

  /** @param policy - [S], an action for each state that is come to */
  constructor(config: RoutingPipelineConfig, policy: ArrayLike<number>) {
    this.#config = config
    this.#rules = new PipelineRules(config)
    this.#policy = policy
  }

  /** From a state on. */
  from(state: number): Course {
    const known = this.#known.get(state)
    if (known !== undefined) return known
    const course = this.after(state, this.#policy[state]!)
    this.#known.set(state, course)
    return course
  }

  /** From a state on, if another action is taken there first. */
  after(state: number, action: number): Course {
    const rules = this.#rules
    const sums: Sums = { ...nothing }
    const progress = newProgress()
    const then = (chance: number, move: (progress: Progress) => void) => {
      if (chance <= 0) return
      rules.read(state, progress)
      move(progress)
      const course = this.from(rules.numberOf(progress))
      for (const key of Object.keys(sums) as (keyof Course)[]) sums[key] += chance * course[key]
    }
    rules.read(state, progress)
    if (action < rules.widest) {
      const { failure, timeoutMs, price, latencyMs } = rules.stages[progress.stage]!.agents[action]!
      const outcome = rules.outcomeOf(progress, action)
      then(failure, (next) => rules.fail(next))
      outcome.forEach((chance, grade) => {
        then((1 - failure) * chance, (next) => rules.answer(next, action, grade))
      })
      sums.calls++
      sums.costUsd += (1 - failure) * price
      sums.waitedMs += failure * timeoutMs + (1 - failure) * latencyMs
    } else if (action === rules.ask) {
      this.#config.ask!.outcome[progress.grade]!.forEach((chance, grade) => {
        then(chance, (next) => rules.asked(next, grade))
      })
      sums.asked++
    } else if (action === rules.accept && rules.isLast(progress)) {
      sums.right = rules.successOf(progress)
      sums.answered = 1
    } else if (action === rules.accept) {
      then(1, (next) => rules.advance(next))
    }
    return sums
  }
}
