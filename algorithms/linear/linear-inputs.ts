import { ShapeError, SpaceError } from '#env/errors.js'
import type { PolicyBatch } from '#env/policy.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { EnvSpec } from '#env/spec.js'

/** What a linear model of one agent reads: the columns of its sparse features, then the numbers of its observation. */
export interface LinearInput {
  readonly numFeatures: number
  readonly observationSize: number
  /** numFeatures + observationSize; a model has one weight more, its intercept's. */
  readonly columns: number
}

/**
 * The inputs of every agent.
 * @param agents - those that a model is for; all unless told
 * @throws SpaceError when one of them has neither features nor an observation
 */
export function linearInputs(spec: EnvSpec, agents: readonly number[] = spec.agents.map((_, i) => i)): LinearInput[] {
  return spec.agents.map(({ name, numFeatures = 0, observation }, i) => {
    const columns = numFeatures + observation.size
    if (columns === 0 && agents.includes(i)) {
      throw new SpaceError(
        `${spec.id}: agent "${name}" has neither sparse features nor a real-valued observation, one of which a linear model needs; use a tabular learner`,
      )
    }
    return { numFeatures, observationSize: observation.size, columns }
  })
}

/**
 * Refuses batches that lack what linear models read.
 * @throws ShapeError naming what is missing
 */
export function checkLinearBatch(inputs: readonly LinearInput[], batch: PolicyBatch): void {
  for (const { numFeatures, observationSize } of inputs) {
    if (numFeatures > 0 && (batch.features?.columns !== numFeatures || batch.featureRow === undefined)) {
      throw new ShapeError(
        `linear model: expected sparse features of ${numFeatures} columns, got ${batch.features?.columns ?? 'none'}; encode with the encoder it was trained with`,
      )
    }
    const { agents, observationSize: width } = batch.layout
    if (observationSize > 0 && batch.observation.length < batch.size * agents * width) {
      throw new ShapeError(
        'linear model: expected real-valued observations, got none; ask the environment to write them',
      )
    }
  }
}

/** What one agent sees, joined to one sparse row; used over and over. */
export class InputRow implements SparseMatrix {
  readonly rows = 1
  readonly columns: number
  readonly rowStart = new Int32Array(2)
  index: Int32Array
  value: Float32Array
  readonly #input: LinearInput

  constructor(input: LinearInput) {
    this.#input = input
    this.columns = input.columns
    this.index = new Int32Array(input.observationSize + 256)
    this.value = new Float32Array(input.observationSize + 256)
  }

  /**
   * Takes a row over; allocates only to grow. Checks nothing: it is inner loops.
   * @param row - of `features`; -1 = none
   * @param offset - where the agent's part of `observation` begins
   */
  read(features: SparseMatrix | undefined, row: number, observation: Float32Array, offset: number): this {
    const { numFeatures, observationSize } = this.#input
    let length = 0
    if (numFeatures > 0 && row >= 0) {
      const from = features!.rowStart[row]!
      const end = features!.rowStart[row + 1]!
      this.#reserve(end - from + observationSize)
      for (let k = from; k < end; k++, length++) {
        this.index[length] = features!.index[k]!
        this.value[length] = features!.value[k]!
      }
    }
    for (let j = 0; j < observationSize; j++) {
      const x = observation[offset + j]!
      if (x === 0) continue
      this.index[length] = numFeatures + j
      this.value[length++] = x
    }
    this.rowStart[1] = length
    return this
  }

  #reserve(length: number): void {
    if (length <= this.index.length) return
    this.index = new Int32Array(2 * length)
    this.value = new Float32Array(2 * length)
  }
}
