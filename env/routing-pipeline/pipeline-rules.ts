import { bitsOf, isJoint, isSuccessTables, isTables, type RoutingPipelineConfig } from './config.js'

/** One agent of a stage, as numbers. */
export interface CallLaw {
  readonly name: string
  readonly price: number
  readonly latencyMs: number
  readonly failure: number
  readonly timeoutMs: number
  /** Its bit among those of its stage whose answers are remembered; 0 where it may be called again. */
  readonly bit: number
  /** [2^W][G], distribution of the grade: by the set that has answered and the grade before; one set where that doesn't matter. */
  readonly outcome: readonly (readonly Float64Array[] | undefined)[]
}

/** One stage, as numbers. */
export interface StageLaw {
  readonly name: string
  readonly agents: readonly CallLaw[]
  /** Whether outcomes depend on who has answered: the new grade then replaces the one before. */
  readonly joint: boolean
}

/** Where a question is. Grades 0..G-1; `best` -1 before the first outcome of a stage. */
export interface Progress {
  stage: number
  grade: number
  best: number
  calls: number
  asked: number
  left: number
  /** Who has answered in this stage, of those whose answers are remembered. */
  answered: number
}

/**
 * The rules of a pipeline: what is legal, and how a state is numbered. The environment plays them with outcomes that it draws, and a
 * live control agent with what its agents say.
 *
 * A state is numbered ((((k*G + g)*(G+1) + b+1)*(C+1) + n)*2 + asked)*(N+1) + left, and where stages have agents whose answers are
 * remembered, that * 2^W + bits: G grades, C calls a stage, N calls in all, W the most such agents of a stage. State 0 (no call left
 * before the first) can't be come to, and stands for the end.
 */
export class PipelineRules {
  readonly stages: readonly StageLaw[]
  /** G */
  readonly grades: number
  /** M, of the widest stage. */
  readonly widest: number
  /** C */
  readonly maxCallsPerStage: number
  /** N */
  readonly maxCalls: number
  readonly canAsk: boolean
  /** W */
  readonly remembered: number
  readonly numStates: number
  readonly numActions: number
  readonly accept: number
  readonly ask: number
  readonly handOver: number
  /** Of equally good actions: accept, then handOver, ask, and the lowest call. */
  readonly tieOrder: readonly number[]
  /** [2^W][G], or one row: chance of a right answer. */
  readonly #success: readonly (Float64Array | undefined)[]
  readonly #present: readonly (readonly boolean[])[] | null

  /** @param present - [stage][agent], who can be reached: the others are never called; default: everybody */
  constructor(config: RoutingPipelineConfig, present: readonly (readonly boolean[])[] | null = null) {
    this.#present = present
    const { stages, entry, maxCallsPerStage, maxCalls, success } = config
    this.grades = entry.length
    this.maxCallsPerStage = maxCallsPerStage
    this.maxCalls = maxCalls
    this.canAsk = config.ask !== null
    this.stages = stages.map((stage) => {
      const joint = isJoint(stage)
      let bits = 0
      const agents = stage.agents.map((agent) => ({
        name: agent.name,
        price: agent.price,
        latencyMs: agent.latencyS * 1000,
        failure: agent.failure,
        timeoutMs: agent.timeoutS * 1000,
        bit: joint || agent.repeat === 'same' ? 1 << bits++ : 0,
        outcome: isTables(agent.outcome)
          ? byBits(agent.outcome.map(({ after, grades }) => [bitsOf(after, stage), grades.map(rowOf)] as const))
          : [agent.outcome.map(rowOf)],
      }))
      return { name: stage.name, agents, joint }
    })
    this.widest = Math.max(...this.stages.map(({ agents }) => agents.length))
    this.remembered = Math.max(...this.stages.map(({ agents }) => agents.filter(({ bit }) => bit > 0).length))
    this.accept = this.widest
    this.ask = this.widest + 1
    this.handOver = this.widest + 2
    this.numActions = this.widest + 3
    const calls = Array.from({ length: this.widest }, (_, m) => m)
    this.tieOrder = [this.accept, this.handOver, this.ask, ...calls]
    const { grades, remembered } = this
    this.numStates =
      stages.length * grades * (grades + 1) * (maxCallsPerStage + 1) * 2 * (maxCalls + 1) * 2 ** remembered
    this.#success = isSuccessTables(success)
      ? byBits(success.map(({ after, success: row }) => [bitsOf(after, stages.at(-1)!), rowOf(row)] as const))
      : [rowOf(success)]
  }

  /** Whether a call of agent m is legal. */
  mayCall({ stage, calls, left, answered }: Progress, m: number): boolean {
    const agent = this.stages[stage]!.agents[m]
    if (agent === undefined || this.#present?.[stage]?.[m] === false) return false
    return calls < this.maxCallsPerStage && left > 0 && (agent.bit & answered) === 0
  }

  mayAccept({ best }: Progress): boolean {
    return best >= 0
  }

  mayAsk({ stage, asked, calls, best }: Progress): boolean {
    return this.canAsk && stage === 0 && asked === 0 && calls === 0 && best < 0
  }

  isLegal(progress: Progress, action: number): boolean {
    if (action < this.widest) return this.mayCall(progress, action)
    if (action === this.accept) return this.mayAccept(progress)
    return action === this.handOver || (action === this.ask && this.mayAsk(progress))
  }

  /** Whether accepting gives the answer. */
  isLast({ stage }: Progress): boolean {
    return stage === this.stages.length - 1
  }

  /** [G], probabilities of the grade that agent m gives now. */
  outcomeOf({ stage, grade, best, answered }: Progress, m: number): Float64Array {
    const { joint, agents } = this.stages[stage]!
    const { outcome } = agents[m]!
    return joint ? outcome[answered]![best < 0 ? grade : best]! : outcome[0]![grade]!
  }

  /** Chance that the answer is right, in the last stage. */
  successOf({ best, answered }: Progress): number {
    return (this.#success.length === 1 ? this.#success[0]! : this.#success[answered]!)[best]!
  }

  /** A question begins. */
  begin(progress: Progress, grade: number): void {
    progress.stage = 0
    progress.grade = grade
    progress.best = -1
    progress.calls = 0
    progress.asked = 0
    progress.left = this.maxCalls
    progress.answered = 0
  }

  /** Agent m was called and gave nothing. */
  fail(progress: Progress): void {
    progress.calls++
    progress.left--
  }

  /** Agent m was called and answered with a grade. */
  answer(progress: Progress, m: number, grade: number): void {
    const { joint, agents } = this.stages[progress.stage]!
    progress.calls++
    progress.left--
    progress.best = joint ? grade : Math.max(progress.best, grade)
    progress.answered |= agents[m]!.bit
  }

  /** The user was asked back. */
  asked(progress: Progress, grade: number): void {
    progress.asked = 1
    progress.grade = grade
  }

  /** Goes on to the next stage with the best outcome. */
  advance(progress: Progress): void {
    progress.stage++
    progress.grade = progress.best
    progress.best = -1
    progress.calls = 0
    progress.answered = 0
  }

  numberOf({ stage, grade, best, calls, asked, left, answered }: Progress): number {
    const { grades, maxCallsPerStage, maxCalls, remembered } = this
    const place =
      ((((stage * grades + grade) * (grades + 1) + best + 1) * (maxCallsPerStage + 1) + calls) * 2 + asked) *
        (maxCalls + 1) +
      left
    return place * 2 ** remembered + answered
  }

  read(state: number, progress: Progress): void {
    const { grades, maxCallsPerStage, maxCalls, remembered } = this
    let rest = state
    const digit = (base: number) => {
      const value = rest % base
      rest = (rest - value) / base
      return value
    }
    progress.answered = digit(2 ** remembered)
    progress.left = digit(maxCalls + 1)
    progress.asked = digit(2)
    progress.calls = digit(maxCallsPerStage + 1)
    progress.best = digit(grades + 1) - 1
    progress.grade = digit(grades)
    progress.stage = rest
  }
}

/** A question before it begins. */
export function newProgress(): Progress {
  return { stage: 0, grade: 0, best: -1, calls: 0, asked: 0, left: 0, answered: 0 }
}

function byBits<T>(entries: readonly (readonly [bits: number, value: T])[]): (T | undefined)[] {
  const list: (T | undefined)[] = []
  for (const [bits, value] of entries) list[bits] = value
  return list
}

function rowOf(row: readonly number[]): Float64Array {
  return Float64Array.from(row)
}
