import type { PolicyBatch } from '#env/policy.js'
import type { Engine, Executable } from '../graph/engine.js'
import { Graph } from '../graph/graph.js'
import type { Tensor } from '../graph/tensor.js'
import { type AgentGroup, inputSize, writeInput } from './agent-groups.js'
import { applyNetwork, type Network } from './network.js'
import type { Parameter, ParameterSet } from './parameters.js'

/** Rows that are computed at once: a batch goes through in parts of the largest that it fills, the rest padded. */
const SIZES = [1, 8, 64, 256]

/** Action values of groups of agents. */
export class ValueNetwork {
  readonly groups: readonly AgentGroup[]
  readonly parameters: ParameterSet
  readonly engine: Engine
  readonly #network: Network
  readonly #compiled = new Map<number, Executable>()

  constructor(engine: Engine, groups: readonly AgentGroup[], network: Network, parameters: ParameterSet) {
    this.engine = engine
    this.groups = groups
    this.parameters = parameters
    this.#network = network
    this.#executable(1)
  }

  /**
   * Values of a group's agents: x [M, n, inputs] gives [M, n, actions].
   * @param parameter - which copy: the one that acts, or a target
   */
  apply(graph: Graph, group: number, x: Tensor, parameter: Parameter): Tensor {
    const { agents, numActions } = this.groups[group]!
    const rows = x.shape[0]!
    const flat = graph.reshape(x, [rows * agents.length, x.shape[2]!])
    const own: Parameter = (name, shape, initial) => parameter(`group${group}/${name}`, shape, initial)
    return graph.reshape(applyNetwork(this.#network, graph, flat, own, numActions), [rows, agents.length, numActions])
  }

  /**
   * Values of all agents of the groups in a batch. Allocates nothing once it has seen a batch of that size.
   * @param out - f64 [size, N, A], written where an agent of a group has an action
   */
  values(batch: PolicyBatch, out: Float64Array): void {
    for (let from = 0; from < batch.size; ) {
      const left = batch.size - from
      const size = SIZES.find((one) => one >= left) ?? SIZES.at(-1)!
      const rows = Math.min(size, left)
      const executable = this.#executable(size)
      for (let g = 0; g < this.groups.length; g++) this.#feed(batch, from, rows, g, executable.input(`x${g}`))
      executable.run()
      for (let g = 0; g < this.groups.length; g++) this.#collect(batch, from, rows, g, executable.output(`q${g}`), out)
      from += rows
    }
  }

  #feed(batch: PolicyBatch, from: number, rows: number, g: number, x: ArrayLike<number>): void {
    const group = this.groups[g]!
    const width = inputSize(group)
    const { agents, observationSize } = batch.layout
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < group.agents.length; i++) {
        const seen = ((from + row) * agents + group.agents[i]!) * observationSize
        writeInput(group, i, batch.observation, seen, x as Float32Array, (row * group.agents.length + i) * width)
      }
    }
  }

  #collect(batch: PolicyBatch, from: number, rows: number, g: number, q: ArrayLike<number>, out: Float64Array): void {
    const { agents, numActions: own } = this.groups[g]!
    const { agents: all, numActions } = batch.layout
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < agents.length; i++) {
        const to = ((from + row) * all + agents[i]!) * numActions
        const at = (row * agents.length + i) * own
        for (let a = 0; a < own; a++) out[to + a] = q[at + a]!
      }
    }
  }

  #executable(size: number): Executable {
    const known = this.#compiled.get(size)
    if (known !== undefined) return known
    const graph = new Graph()
    const parameter = this.parameters.in(graph, '')
    const outputs = this.groups.map((group, g) => {
      const x = graph.input(`x${g}`, [size, group.agents.length, inputSize(group)])
      return [`q${g}`, this.apply(graph, g, x, parameter)] as const
    })
    const made = this.engine.compile({ outputs: Object.fromEntries(outputs), effects: [] })
    this.#compiled.set(size, made)
    return made
  }
}
