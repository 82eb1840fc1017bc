import { BundleError, ShapeError } from '#env/errors.js'
import type { Policy, PolicyBatch, PolicyExport, Tensor } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import { type EnvSpec, layoutOf, oneChoiceLayout, ownView } from '#env/spec.js'
import { greedyAction } from '../greedy-action.js'
import { ownAgents } from '../own-choices.js'
import { rowDot } from '../regression/sparse-rows.js'
import { checkLinearBatch, InputRow, type LinearInput, linearInputs } from './linear-inputs.js'

/**
 * Q(x, action) = w_a.x + c_a of one row. Checks nothing: it is inner loops.
 * @param weights - f64 [actions, columns + 1], the intercept last
 */
export function linearValue(weights: Float64Array, x: SparseMatrix, action: number): number {
  const offset = action * (x.columns + 1)
  return rowDot(x, 0, weights, offset) + weights[offset + x.columns]!
}

/** Writes Q(x, a) of the first `actions` actions. @param out - f64 [>= actions] */
export function linearValues(weights: Float64Array, x: SparseMatrix, actions: number, out: Float64Array): void {
  for (let a = 0; a < actions; a++) out[a] = linearValue(weights, x, a)
}

/**
 * Every agent takes the legal action whose linear value is highest, by its own features and observation; ties go to the
 * lowest. It reads the learner's weights, so it follows further learning.
 */
export class LinearPolicy implements Policy {
  readonly observes: 'local' | 'messages'
  readonly #weights: readonly Float64Array[]
  readonly #inputs: readonly LinearInput[]
  readonly #rows: readonly InputRow[]
  readonly #actionsOf: Int32Array
  /** f64 [A], values of one agent's actions. */
  readonly #values: Float64Array
  /** Whose weights they are. */
  readonly #agents: readonly number[]

  /**
   * @param weights - of each agent f64 [its actions, its columns + 1], the intercept last
   * @param agents - whose weights they are; all unless told. Others take action 0, and no action of theirs has a score.
   * @throws ShapeError when a table's size doesn't fit; SpaceError when an agent has nothing to read
   */
  constructor(
    spec: EnvSpec,
    weights: readonly Float64Array[],
    agents = spec.agents.map((_, i) => i) as readonly number[],
  ) {
    this.observes = ownView(spec)
    this.#inputs = linearInputs(spec, agents)
    this.#agents = agents
    const { actionsOf, numActions } = oneChoiceLayout(spec, 'linear policies')
    this.#actionsOf = actionsOf
    this.#values = new Float64Array(numActions)
    this.#rows = this.#inputs.map((input) => new InputRow(input))
    this.#weights = weights
    this.#inputs.forEach(({ columns }, i) => {
      const expected = this.#actionsOf[i]! * (columns + 1)
      if (weights[i]?.length === expected || !agents.includes(i)) return
      throw new ShapeError(
        `linear policy: expected ${expected} weights for agent ${i}, got ${weights[i]?.length ?? 'none'}`,
      )
    })
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { agents, numActions } = batch.layout
    checkLinearBatch(this.#inputs, batch)
    for (let k = 0; k < batch.size * agents; k++) {
      const i = k % agents
      out[k] = 0
      if (!this.#agents.includes(i)) continue
      const x = this.#read(batch, k, i)
      linearValues(this.#weights[i]!, x, this.#actionsOf[i]!, this.#values)
      out[k] = Math.max(0, greedyAction(this.#values, 0, batch.mask, k * numActions, this.#actionsOf[i]!))
    }
  }

  scores(batch: PolicyBatch, out: Float64Array): void {
    const { agents, numActions } = batch.layout
    checkLinearBatch(this.#inputs, batch)
    for (let k = 0; k < batch.size * agents; k++) {
      const i = k % agents
      out.fill(Number.NEGATIVE_INFINITY, k * numActions, (k + 1) * numActions)
      if (!this.#agents.includes(i)) continue
      const x = this.#read(batch, k, i)
      for (let a = 0; a < numActions; a++) {
        const legal = batch.mask[k * numActions + a] === 1
        out[k * numActions + a] = legal ? linearValue(this.#weights[i]!, x, a) : Number.NEGATIVE_INFINITY
      }
    }
  }

  /** `weights.i` f64 [actions, columns + 1] of agent i; what it reads is in the details, and so is whose the weights are where it isn't all. */
  export(): PolicyExport {
    const agents = this.#inputs.map(({ numFeatures, observationSize }) => ({ numFeatures, observationSize }))
    const own = this.#agents
    const tensors = own.map((i): [string, Tensor] => {
      const weights = this.#weights[i]!
      const shape = [this.#actionsOf[i]!, this.#inputs[i]!.columns + 1]
      return [`weights.${i}`, { shape, data: weights.slice() }]
    })
    const details = { agents, ...(own.length === agents.length ? {} : { own: [...own] }) }
    return { kind: 'linear', details, tensors: Object.fromEntries(tensors) }
  }

  #read(batch: PolicyBatch, k: number, agent: number): InputRow {
    const row = batch.featureRow === undefined ? -1 : batch.featureRow[k]!
    return this.#rows[agent]!.read(batch.features, row, batch.observation, k * batch.layout.observationSize)
  }
}

/**
 * Makes a linear policy from a bundle's contents.
 * @throws BundleError when weights are missing, or their columns aren't those of the spec's features and observations
 */
export function loadLinearPolicy(stored: PolicyExport, spec: EnvSpec): Policy {
  const { actionsOf } = layoutOf(spec)
  const described = Array.isArray(stored.details.agents) ? stored.details.agents : []
  const own = ownAgents(spec, stored.details.own)
  const weights = linearInputs(spec, own).map(({ numFeatures, observationSize, columns }, i) => {
    if (own?.includes(i) === false) return new Float64Array(0)
    const agent = described[i] as { numFeatures?: unknown; observationSize?: unknown } | undefined
    if (agent?.numFeatures !== numFeatures || agent.observationSize !== observationSize) {
      throw new BundleError(
        `policy bundle: made for an agent that reads ${agent?.numFeatures ?? 'unknown'} features and ${agent?.observationSize ?? 'unknown'} observed numbers, "${spec.agents[i]!.name}" of ${spec.id} has ${numFeatures} and ${observationSize}; use the encoder and environment it was trained with`,
      )
    }
    const name = `weights.${i}`
    const tensor = Object.hasOwn(stored.tensors, name) ? stored.tensors[name] : undefined
    if (tensor === undefined) throw new BundleError(`policy bundle: tensor "${name}" is missing`)
    const shape = [actionsOf[i]!, columns + 1]
    if (tensor.shape.join('x') !== shape.join('x') || !(tensor.data instanceof Float64Array)) {
      throw new BundleError(
        `policy bundle: tensor "${name}" is [${tensor.shape.join(', ')}], expected f64 [${shape.join(', ')}] for ${spec.id}`,
      )
    }
    return tensor.data
  })
  return new LinearPolicy(spec, weights, own)
}
