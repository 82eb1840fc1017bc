import { z } from 'zod'
import type { Rng } from '#env/rng.js'
import type { NumberArray } from '../../learner.js'
import { type ScheduleConfig, scheduleAt, scheduleWithin } from '../../schedule.js'
import { EpisodeIndex } from './episode-index.js'
import { PrioritisedDraws } from './prioritised.js'
import { StepLog, type StepShape } from './step-log.js'

/** What is remembered, and what of it an update learns from. */
export interface Draws {
  readonly log: StepLog
  /** Most entries of a minibatch. */
  readonly most: number
  /** Steps that a target sums rewards over. */
  readonly nStep: number
  /** i32 and f64 [most], of the last draw. */
  readonly entries: Int32Array
  readonly weights: Float64Array
  /** Takes in the log's last step. @returns updates that are due for it, also in parts */
  noteStep(): number
  /** Draws a minibatch. @param progress - in [0, 1], of the training @returns how many entries */
  draw(rng: Rng, progress: number): number
  /** What was left of the targets of the last draw, by entry; absent where nobody asks. */
  noteErrors?(errors: Float64Array): void
  /** All that it is beside the log, and what to do once it was written to. */
  readonly arrays: { readonly [name: string]: NumberArray }
  readonly counts: () => number
  restore(count: number): void
}

export const transitionsConfig = z.strictObject({
  capacity: z.int().min(1).default(100_000).describe('steps remembered, over all rows; the oldest are forgotten'),
  batch: z.int().min(1).default(32).describe('steps of a minibatch (Mnih et al. 2015: 32)'),
  startAfter: z.int().min(0).default(1000).describe('steps before the first update'),
  trainEvery: z.int().min(1).default(4).describe('steps from one update to the next (Mnih et al. 2015: 4)'),
  nStep: z.int().min(1).default(1).describe('rewards that a target sums up before it bootstraps'),
  prioritised: z
    .strictObject({
      alpha: z.number().min(0).max(1).default(0.6).describe('0: all alike; 1: in proportion to the error'),
      beta: scheduleWithin(0, 1)
        .default({ kind: 'linear', from: 0.4, to: 1, until: 1 })
        .describe('how far weights make up for it, or its schedule'),
    })
    .nullable()
    .default(null)
    .describe('draws by error (Schaul et al. 2016, proportional, their settings); null: all steps alike'),
})

/** Single steps, uniformly or by priority. */
export class TransitionDraws implements Draws {
  readonly log: StepLog
  readonly most: number
  readonly nStep: number
  readonly entries: Int32Array
  readonly weights: Float64Array
  readonly #settings: z.infer<typeof transitionsConfig>
  readonly #prioritised: PrioritisedDraws | null
  readonly #beta: ScheduleConfig

  constructor(shape: StepShape, settings: z.infer<typeof transitionsConfig>) {
    const { capacity, batch, nStep, prioritised } = settings
    this.log = new StepLog(shape, Math.max(1, Math.ceil(capacity / shape.rows)))
    this.most = batch
    this.nStep = nStep
    this.entries = new Int32Array(batch)
    this.weights = new Float64Array(batch).fill(1)
    this.#settings = settings
    this.#beta = prioritised?.beta ?? 0
    this.#prioritised =
      prioritised === null ? null : new PrioritisedDraws(this.log.capacity * shape.rows, prioritised.alpha)
    if (this.#prioritised !== null) {
      const draws = this.#prioritised
      this.noteErrors = (errors) => {
        for (let k = 0; k < this.most; k++) draws.update(this.entries[k]!, errors[k]!)
      }
    }
  }

  noteErrors?: (errors: Float64Array) => void

  noteStep(): number {
    const { rows } = this.log.shape
    if (this.#prioritised !== null) {
      for (let row = 0; row < rows; row++) this.#prioritised.add(this.log.entryOf(this.log.count - 1, row))
    }
    return this.log.count * rows < this.#settings.startAfter ? 0 : rows / this.#settings.trainEvery
  }

  draw(rng: Rng, progress: number): number {
    const { size } = this.log
    if (this.#prioritised === null) for (let k = 0; k < this.most; k++) this.entries[k] = rng.integer(size)
    else this.#prioritised.draw(size, scheduleAt(this.#beta, progress, 1), rng, this.entries, this.weights)
    return this.most
  }

  get arrays(): { readonly [name: string]: NumberArray } {
    if (this.#prioritised === null) return {}
    return { priorities: this.#prioritised.priorities, 'largest-priority': this.#prioritised.largest }
  }

  counts = () => 0

  restore(): void {
    this.#prioritised?.restore()
  }
}

export const episodesConfig = z.strictObject({
  capacity: z.int().min(1).default(5000).describe('episodes remembered (EPyMARL: 5000)'),
  batch: z.int().min(1).default(32).describe('whole episodes of a minibatch (EPyMARL: 32)'),
  longest: z
    .int()
    .min(1)
    .default(100)
    .describe(
      'steps; of a longer episode each part of this length counts as one, and the value of what follows it counts',
    ),
  trainEvery: z.number().gt(0).default(1).describe('episodes from one update to the next (EPyMARL: 1)'),
})

/** Whole episodes: all of their steps, one after the other. */
export class EpisodeDraws implements Draws {
  readonly log: StepLog
  readonly most: number
  readonly nStep = 1
  readonly entries: Int32Array
  readonly weights: Float64Array
  readonly #index: EpisodeIndex
  readonly #trainEvery: number
  readonly #batch: number
  readonly #episodes: Int32Array

  /** @param limitSteps - of the environment, null where there is none: no episode is longer */
  constructor(shape: StepShape, settings: z.infer<typeof episodesConfig>, limitSteps: number | null) {
    const { capacity, batch, trainEvery } = settings
    const longest = Math.min(settings.longest, limitSteps ?? settings.longest)
    const most = Math.max(capacity, batch)
    this.log = new StepLog(shape, EpisodeIndex.stepsFor(most, longest, shape.rows))
    this.#index = new EpisodeIndex(this.log, most, longest)
    this.most = batch * longest
    this.entries = new Int32Array(this.most)
    this.weights = new Float64Array(this.most).fill(1)
    this.#trainEvery = trainEvery
    this.#batch = batch
    this.#episodes = new Int32Array(batch)
  }

  noteStep(): number {
    const before = this.#index.count
    this.#index.noteStep()
    return this.#index.count < this.#batch ? 0 : (this.#index.count - before) / this.#trainEvery
  }

  draw(rng: Rng): number {
    const drawn = this.#index.draw(rng, this.#episodes)
    let count = 0
    for (let k = 0; k < drawn; k++) {
      const episode = this.#episodes[k]!
      for (let t = 0; t < this.#index.lengthOf(episode); t++) this.entries[count++] = this.#index.entryOf(episode, t)
    }
    return count
  }

  get arrays(): { readonly [name: string]: NumberArray } {
    return this.#index.arrays
  }

  counts = () => this.#index.count

  restore(count: number): void {
    this.#index.count = count
  }
}
