import { BundleError, NotEnumerableError } from '#env/errors.js'
import type { Policy, PolicyBatch, PolicyExport } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import { isActing } from '#env/space.js'
import { type EnvSpec, layoutOf, ownView } from '#env/spec.js'
import { greedyAction } from '../exploration.js'

/**
 * Acts greedily on one table an agent, indexed by the agent's own observation; ties go to the lowest action.
 * It reads the learner's table, so it follows further learning.
 */
export class IndependentTabularPolicy implements Policy {
  readonly observes: 'local' | 'messages'
  readonly #spec: EnvSpec
  readonly #values: Float64Array
  readonly #offset: Int32Array

  /** @param values - f64, agent i's table [numObservations_i, A] starts at tableOffsets(spec)[i]; A = most actions */
  constructor(spec: EnvSpec, values: Float64Array) {
    this.observes = ownView(spec)
    this.#spec = spec
    this.#values = values
    this.#offset = tableOffsets(spec)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { agents, numActions } = batch.layout
    for (let row = 0; row < batch.size; row++) {
      for (let i = 0; i < agents; i++) {
        const k = row * agents + i
        const entry = this.#offset[i]! + batch.observationId[k]! * numActions
        out[k] = Math.max(0, greedyAction(this.#values, entry, batch.mask, k * numActions, numActions))
      }
    }
  }

  scores(batch: PolicyBatch, out: Float64Array): void {
    const { agents, numActions } = batch.layout
    for (let k = 0; k < batch.size * agents; k++) {
      const entry = this.#offset[k % agents]! + batch.observationId[k]! * numActions
      for (let a = 0; a < numActions; a++) {
        const legal = batch.mask[k * numActions + a] === 1
        out[k * numActions + a] = legal ? this.#values[entry + a]! : Number.NEGATIVE_INFINITY
      }
    }
  }

  export(): PolicyExport {
    const width = layoutOf(this.#spec).numActions
    const tensors = Object.fromEntries(
      this.#spec.agents.map((agent, i) => {
        const data = this.#values.slice(this.#offset[i]!, this.#offset[i]! + agent.numObservations * width)
        return [`q.${i}`, { shape: [agent.numObservations, width], data }]
      }),
    )
    return { kind: 'tabular', details: { tables: 'independent' }, tensors }
  }
}

/** Acts greedily on one table of joint actions, indexed by the state; ties go to the lowest joint action. */
export class JointTabularPolicy implements Policy {
  readonly observes = 'global'
  readonly #spec: EnvSpec
  readonly #values: Float64Array
  readonly #joint: JointActions

  /** @param values - f64 [S, J], J the number of joint actions; illegal ones may be -Infinity */
  constructor(spec: EnvSpec, values: Float64Array) {
    this.#spec = spec
    this.#values = values
    this.#joint = jointActions(spec)
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { agents, numActions } = batch.layout
    const { count, actionOf } = this.#joint
    for (let row = 0; row < batch.size; row++) {
      const entry = batch.stateId[row]! * count
      let best = -1
      for (let j = 0; j < count; j++) {
        if (best >= 0 && !(this.#values[entry + j]! > this.#values[entry + best]!)) continue
        if (isLegal(actionOf, j, batch.mask, row * agents * numActions, agents, numActions)) best = j
      }
      for (let i = 0; i < agents; i++) out[row * agents + i] = best < 0 ? 0 : actionOf[best * agents + i]!
    }
  }

  /** An agent's score for an action: the best legal joint action that contains it. */
  scores(batch: PolicyBatch, out: Float64Array): void {
    const { agents, numActions } = batch.layout
    const { count, actionOf } = this.#joint
    out.fill(Number.NEGATIVE_INFINITY, 0, batch.size * agents * numActions)
    for (let row = 0; row < batch.size; row++) {
      const entry = batch.stateId[row]! * count
      for (let j = 0; j < count; j++) {
        if (!isLegal(actionOf, j, batch.mask, row * agents * numActions, agents, numActions)) continue
        for (let i = 0; i < agents; i++) {
          const k = (row * agents + i) * numActions + actionOf[j * agents + i]!
          out[k] = Math.max(out[k]!, this.#values[entry + j]!)
        }
      }
    }
  }

  export(): PolicyExport {
    const shape = [this.#spec.numStates, this.#joint.count]
    return { kind: 'tabular', details: { tables: 'joint' }, tensors: { q: { shape, data: this.#values.slice() } } }
  }
}

/** Joint actions of a team, numbered with the last agent's fastest. */
export interface JointActions {
  readonly count: number
  /** i32 [count, N] */
  readonly actionOf: Int32Array
}

/** Enumerates the joint actions of a spec. @throws NotEnumerableError beyond 4096 of them */
export function jointActions(spec: EnvSpec): JointActions {
  const { actionsOf } = layoutOf(spec)
  const count = actionsOf.reduce((product, n) => product * n, 1)
  if (count > 4096) {
    throw new NotEnumerableError(
      `${spec.id}: ${count} joint actions are more than a table serves (4096); learn independently`,
    )
  }
  const n = actionsOf.length
  const actionOf = new Int32Array(count * n)
  for (let j = 0; j < count; j++) {
    let rest = j
    for (let i = n - 1; i >= 0; i--) {
      actionOf[j * n + i] = rest % actionsOf[i]!
      rest = Math.floor(rest / actionsOf[i]!)
    }
  }
  return { count, actionOf }
}

/** Whether every agent's part of joint action j is legal, 0 for agents that no longer act; the row's masks start at `maskRow`. */
export function isLegal(
  actionOf: Int32Array,
  j: number,
  mask: Uint8Array,
  maskRow: number,
  agents: number,
  width: number,
): boolean {
  for (let i = 0; i < agents; i++) {
    const action = actionOf[j * agents + i]!
    const row = maskRow + i * width
    if (mask[row + action] === 1) continue
    if (action > 0 || isActing(mask, row, width)) return false
  }
  return true
}

/**
 * Where each agent's table starts in one array, tables [numObservations_i, A] one after the other; the last entry is
 * the array's length.
 * @throws NotEnumerableError when an agent's observations aren't numbered
 */
export function tableOffsets(spec: EnvSpec): Int32Array {
  const width = layoutOf(spec).numActions
  const offsets = new Int32Array(spec.agents.length + 1)
  spec.agents.forEach((agent, i) => {
    if (agent.numObservations < 1) {
      throw new NotEnumerableError(
        `${spec.id}: agent "${agent.name}" has no numbered observations, which a table needs; use function approximation`,
      )
    }
    offsets[i + 1] = offsets[i]! + agent.numObservations * width
  })
  return offsets
}

/**
 * Makes a tabular policy from a bundle's contents.
 * @throws BundleError when a table is missing or its shape doesn't fit the spec
 */
export function loadTabularPolicy(stored: PolicyExport, spec: EnvSpec): Policy {
  const table = (name: string, shape: readonly number[]): Float64Array => {
    const tensor = stored.tensors[name]
    if (tensor === undefined) throw new BundleError(`policy bundle: table "${name}" is missing`)
    if (tensor.shape.join('x') !== shape.join('x') || !(tensor.data instanceof Float64Array)) {
      throw new BundleError(
        `policy bundle: table "${name}" is [${tensor.shape.join(', ')}], expected f64 [${shape.join(', ')}] for ${spec.id}`,
      )
    }
    return tensor.data
  }
  if (stored.details.tables === 'joint') {
    return new JointTabularPolicy(spec, table('q', [spec.numStates, jointActions(spec).count]))
  }
  if (stored.details.tables !== 'independent') {
    throw new BundleError(`policy bundle: unknown kind of tables ${JSON.stringify(stored.details.tables)}`)
  }
  const offsets = tableOffsets(spec)
  const width = layoutOf(spec).numActions
  const values = new Float64Array(offsets.at(-1)!)
  spec.agents.forEach((agent, i) => {
    values.set(table(`q.${i}`, [agent.numObservations, width]), offsets[i])
  })
  return new IndependentTabularPolicy(spec, values)
}
