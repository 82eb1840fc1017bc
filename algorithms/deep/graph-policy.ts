import { z } from 'zod'
import { BundleError, ShapeError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import type { Policy, PolicyBatch, PolicyExport, Tensor } from '#env/policy.js'
import type { Rng } from '#env/rng.js'
import { type EnvSpec, layoutOf, ownView } from '#env/spec.js'
import { showShape } from '../graph/tensor.js'
import { greedyAction } from '../greedy-action.js'
import { agentGroups } from './agent-groups.js'
import { multilayer, type Network, networkConfig } from './network.js'
import { engineNames, openEngine } from './open-engine.js'
import { ParameterSet } from './parameters.js'
import { ValueNetwork } from './value-network.js'

/** Changes whenever an older reader would compute something else. */
export const GRAPH_FORMAT = 'cadre-graph/1'

const detailsSchema = z.strictObject({
  format: z.literal(GRAPH_FORMAT),
  engine: z.enum(engineNames),
  network: networkConfig.nullable(),
  groups: z.array(z.strictObject({ agents: z.array(z.int().min(0)).min(1), ids: z.boolean() })).min(1),
})

/**
 * Every agent takes the legal action of the highest value, by a network of what it observes itself; ties go to the lowest. It reads the
 * numbers of the engine, so that it follows further learning. Agents without a network take action 0, and have no scores.
 */
export class GraphPolicy implements Policy {
  readonly observes: 'local' | 'messages'
  readonly #network: ValueNetwork
  /** Null for one that isn't described by settings, but by a function of the user's. */
  readonly #description: Json | null
  /** f64 [size, N, A] of the largest batch so far. */
  #values = new Float64Array(0)

  constructor(spec: EnvSpec, network: ValueNetwork, description: Json | null) {
    this.observes = ownView(spec)
    this.#network = network
    this.#description = description
  }

  act(batch: PolicyBatch, _rng: Rng, out: Int32Array): void {
    const { agents, numActions } = batch.layout
    const values = this.#compute(batch)
    out.fill(0, 0, batch.size * agents)
    for (const group of this.#network.groups) {
      for (let row = 0; row < batch.size; row++) {
        for (const agent of group.agents) {
          const k = row * agents + agent
          out[k] = Math.max(0, greedyAction(values, k * numActions, batch.mask, k * numActions, group.numActions))
        }
      }
    }
  }

  scores(batch: PolicyBatch, out: Float64Array): void {
    const { agents, numActions } = batch.layout
    const values = this.#compute(batch)
    out.fill(Number.NEGATIVE_INFINITY, 0, batch.size * agents * numActions)
    for (const group of this.#network.groups) {
      for (let row = 0; row < batch.size; row++) {
        for (const agent of group.agents) {
          const at = (row * agents + agent) * numActions
          for (let a = 0; a < group.numActions; a++) if (batch.mask[at + a] === 1) out[at + a] = values[at + a]!
        }
      }
    }
  }

  /** Parameters by their names; which agents share a network, and what it is, in the details. */
  export(): PolicyExport {
    const { engine, parameters, groups } = this.#network
    const tensors = [...parameters.shapes]
      .filter(([name]) => name.startsWith('group'))
      .map(([name, { shape }]): [string, Tensor] => {
        return [name, { shape: [...shape], data: engine.variable(name)!.slice() }]
      })
    const details = {
      format: GRAPH_FORMAT,
      engine: engine.name,
      network: this.#description,
      groups: groups.map(({ agents, ids }) => ({ agents: [...agents], ids })),
    }
    return { kind: this.#description === null ? 'own-graph' : 'graph', details, tensors: Object.fromEntries(tensors) }
  }

  #compute(batch: PolicyBatch): Float64Array {
    const { agents, numActions, observationSize } = batch.layout
    if (batch.observation.length < batch.size * agents * observationSize) {
      throw new ShapeError(
        'graph policy: expected real-valued observations, got none; ask the environment to write them',
      )
    }
    const length = batch.size * agents * numActions
    if (this.#values.length < length) this.#values = new Float64Array(length)
    this.#network.values(batch, this.#values)
    return this.#values
  }
}

/**
 * Makes a policy again from what a bundle holds, on the engine that it was made with.
 * @param network - the user's own, where the details don't describe one
 * @throws BundleError when it is of another format, or weights are missing or of another shape than the spec asks for
 */
export function loadGraphPolicy(stored: PolicyExport, spec: EnvSpec, network?: Network): Policy {
  if (stored.details.format !== GRAPH_FORMAT) {
    throw new BundleError(
      `policy bundle: expected a network of the format ${GRAPH_FORMAT}, got ${JSON.stringify(stored.details.format) ?? 'none'}; use the version of Cadre that wrote it`,
    )
  }
  const parsed = detailsSchema.safeParse(stored.details)
  if (!parsed.success) throw new BundleError(`policy bundle: details: ${z.prettifyError(parsed.error)}`)
  const { engine, network: description, groups: described } = parsed.data
  const made = description === null ? network : multilayer(description)
  if (made === undefined)
    throw new BundleError('policy bundle: its network is described by no settings; load it by its learner')
  const { agents: count } = layoutOf(spec)
  const groups = described.flatMap(({ agents, ids }) => {
    const outside = agents.find((agent) => agent >= count)
    if (outside !== undefined) {
      throw new BundleError(`policy bundle: a network for agent ${outside}, ${spec.id} has ${count} agents`)
    }
    const [group, other] = agentGroups(spec, agents, 'alike', ids)
    if (other !== undefined) {
      throw new BundleError(
        `policy bundle: agents ${agents.join(', ')} of ${spec.id} share a network, but observe or do different numbers of things`,
      )
    }
    return [group!]
  })
  const values = new ValueNetwork(openEngine(engine), groups, made, new ParameterSet())
  for (const [name, { shape }] of values.parameters.shapes) {
    const tensor = Object.hasOwn(stored.tensors, name) ? stored.tensors[name] : undefined
    const into = values.engine.variable(name)!
    if (tensor === undefined) throw new BundleError(`policy bundle: tensor "${name}" is missing`)
    if (showShape(tensor.shape) !== showShape(shape) || tensor.data.constructor !== into.constructor) {
      throw new BundleError(
        `policy bundle: tensor "${name}" is ${tensor.data.constructor.name} ${showShape(tensor.shape)}, expected ${into.constructor.name} ${showShape(shape)} for ${spec.id}`,
      )
    }
    into.set(tensor.data)
  }
  return new GraphPolicy(spec, values, description as Json | null)
}
