import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { NumberArray } from '../learner.js'
import { chooseLambda, contrasts, type LambdaConfig, type RidgeTargets } from '../regression/choose-lambda.js'
import { fitRidge } from '../regression/ridge.js'
import type { LinearInput } from './linear-inputs.js'
import type { ReplayMemory } from './replay-memory.js'
import { gatherRows, type ReplayRows, replayTargets } from './replay-rows.js'

/** Of fits that others will follow: they guide exploration, and are where the next begins. */
const PASSING_TOLERANCE = 1e-3

export interface ReplaySettings {
  readonly lambda: LambdaConfig
  readonly repeats: 'average' | 'count'
  readonly firstFit: number
  readonly growth: number
  readonly sweeps: number
  readonly tolerance: number
  readonly capacity: number
}

/** One agent's values, fitted by ridge regression to all steps that its memory holds. */
export class ReplayFit {
  readonly weights: Float64Array
  readonly #input: LinearInput
  readonly #full: boolean
  readonly #settings: ReplaySettings
  readonly #memory: ReplayMemory
  /** f64 [3]: steps seen at which the next fit is due; the lambda picked last (0 = none yet), and after how many steps. */
  readonly #progress: Float64Array

  /** @param full - whether rewards of actions not taken are learned from */
  constructor(input: LinearInput, actions: number, full: boolean, memory: ReplayMemory, settings: ReplaySettings) {
    this.weights = new Float64Array(actions * (input.columns + 1))
    this.#input = input
    this.#full = full
    this.#settings = settings
    this.#memory = memory
    this.#progress = Float64Array.of(settings.firstFit, 0, 0)
  }

  /** Whether there are enough more steps for another fit. */
  get isDue(): boolean {
    return this.#memory.count >= this.#progress[0]!
  }

  /** Everything learned; the same arrays for good. */
  get arrays(): { readonly [name: string]: NumberArray } {
    return { weights: this.weights, progress: this.#progress }
  }

  /**
   * Fits.
   * @param features - of the environment, where it has them
   * @param last - whether training ends here
   */
  run(features: SparseMatrix | undefined, last: boolean): void {
    const { count } = this.#memory
    this.#progress[0] = Math.max(count + 1, Math.ceil(count * this.#settings.growth))
    this.#fit(features, last)
  }

  /** Fitted Q iteration from the weights as they stand; where nothing bootstraps, one sweep is the solution. */
  #fit(features: SparseMatrix | undefined, last: boolean): void {
    const { repeats, sweeps, tolerance } = this.#settings
    const rows = gatherRows(this.#memory, features, this.#input)
    const limit = this.#memory.bootstraps ? sweeps : 1
    let before: readonly RidgeTargets[] | undefined
    for (let sweep = 0; sweep < limit; sweep++) {
      const targets = replayTargets(this.#memory, features, rows, this.#input, this.weights, repeats)
      if (before !== undefined && settled(before, targets)) return
      if (sweep === 0) this.#pickLambda(rows, targets, last)
      targets.forEach((target, action) => {
        this.#fitAction(rows.x, target, action, last ? tolerance : Math.max(tolerance, PASSING_TOLERANCE))
      })
      before = targets
    }
  }

  /** Picking takes longer than fitting: done anew with four times the steps, and at the end. */
  #pickLambda({ x, keys }: ReplayRows, targets: readonly RidgeTargets[], last: boolean): void {
    const { lambda } = this.#settings
    const { count } = this.#memory
    if (lambda !== 'auto') {
      this.#progress[1] = lambda
    } else if (last || count >= 4 * this.#progress[2]!) {
      this.#progress[1] = chooseLambda(x, this.#full ? contrasts(targets) : targets, keys)
      this.#progress[2] = count
    }
  }

  #fitAction(x: SparseMatrix, { target, weight }: RidgeTargets, action: number, tolerance: number): void {
    if (!weight.some((w) => w > 0)) return
    const { columns } = this.#input
    const own = this.weights.subarray(action * (columns + 1), (action + 1) * (columns + 1))
    const model = fitRidge(x, target, {
      lambda: this.#progress[1]!,
      sampleWeights: weight,
      tolerance,
      start: own.subarray(0, columns),
    })
    own.set(model.weights)
    own[columns] = model.intercept
  }
}

/** Whether targets moved by less than a millionth of their size. */
function settled(before: readonly RidgeTargets[], after: readonly RidgeTargets[]): boolean {
  return after.every(({ target }, a) =>
    target.every((y, row) => Math.abs(y - before[a]!.target[row]!) <= 1e-6 * (1 + Math.abs(y))),
  )
}
