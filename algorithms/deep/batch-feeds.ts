import type { Executable, TensorArray } from '../graph/engine.js'
import type { Graph } from '../graph/graph.js'
import type { Tensor } from '../graph/tensor.js'
import { type AgentGroup, inputSize, writeInput } from './agent-groups.js'
import type { Draws } from './replay/draws.js'
import { NStepReturn } from './replay/n-step.js'
import type { GroupBatch, MiniBatch } from './temporal-difference.js'

/** Where the numbers of a minibatch are written. */
interface GroupArrays {
  readonly x: TensorArray
  readonly nextX: TensorArray
  readonly action: TensorArray
  readonly alive: TensorArray
  readonly nextAlive: TensorArray
  readonly nextLegal: TensorArray
}

interface TeamArrays {
  readonly reward: TensorArray
  readonly discount: TensorArray
  readonly weight: TensorArray
  /** Null where the log has no state. */
  readonly state: TensorArray | null
  readonly nextState: TensorArray | null
}

/** The inputs of a minibatch of M entries, and what writes entries of a log into them. */
export class BatchFeeds {
  readonly batch: MiniBatch
  readonly #size: number
  readonly #groups: readonly AgentGroup[]
  readonly #stateSize: number
  #arrays: { readonly groups: readonly GroupArrays[]; readonly team: TeamArrays } | undefined
  #steps: NStepReturn | undefined

  /** @param stateSize - G, numbers of the state in the log; 0: the state is what all observe, side by side */
  constructor(graph: Graph, size: number, groups: readonly AgentGroup[], streams: number, stateSize: number) {
    this.#size = size
    this.#groups = groups
    this.#stateSize = stateSize
    const nodes = groups.map((group, g) => groupInputs(graph, size, group, g))
    const state = (name: string, x: 'x' | 'nextX') =>
      stateSize > 0
        ? graph.input(name, [size, stateSize])
        : joined(
            graph,
            groups,
            nodes.map((node) => node[x]),
          )
    this.batch = {
      groups: nodes,
      reward: graph.input('reward', [size, streams]),
      discount: graph.input('discount', [size, streams]),
      weight: graph.input('weight', [size, 1]),
      state: state('state', 'x'),
      nextState: state('nextState', 'nextX'),
    }
  }

  /** Takes the inputs of a program made of `batch`. */
  bind(executable: Executable): void {
    this.#arrays = {
      groups: this.#groups.map((_, g) => ({
        x: executable.input(`x/${g}`),
        nextX: executable.input(`nextX/${g}`),
        action: executable.input(`action/${g}`),
        alive: executable.input(`alive/${g}`),
        nextAlive: executable.input(`nextAlive/${g}`),
        nextLegal: executable.input(`nextLegal/${g}`),
      })),
      team: {
        reward: executable.input('reward'),
        discount: executable.input('discount'),
        weight: executable.input('weight'),
        state: this.#stateSize > 0 ? executable.input('state') : null,
        nextState: this.#stateSize > 0 ? executable.input('nextState') : null,
      },
    }
  }

  /** Writes the first `count` entries that were drawn; what is left of the minibatch weighs nothing. */
  write({ log, entries, weights, nStep }: Draws, count: number): void {
    this.#steps ??= new NStepReturn(log)
    const { groups, team } = this.#arrays!
    const { streams } = log.shape
    const { state, nextState } = log.columns
    for (let k = 0; k < count; k++) {
      const entry = entries[k]!
      this.#steps.read(entry, nStep)
      const { last, reward, discount } = this.#steps
      for (let v = 0; v < streams; v++) {
        team.reward[k * streams + v] = reward[v]!
        team.discount[k * streams + v] = discount[v]!
      }
      team.weight[k] = weights[k]!
      const size = this.#stateSize
      for (let j = 0; j < size; j++) {
        if (team.state !== null) team.state[k * size + j] = state[entry * size + j]!
        if (team.nextState !== null) team.nextState[k * size + j] = nextState[last * size + j]!
      }
      let place = 0
      for (let g = 0; g < this.#groups.length; g++) {
        this.#writeGroup(log.columns, log.shape, this.#groups[g]!, groups[g]!, k, entry, last, place)
        place += this.#groups[g]!.agents.length
      }
    }
    for (let k = count; k < this.#size; k++) team.weight[k] = 0
  }

  #writeGroup(
    columns: Draws['log']['columns'],
    { agents, observationSize, numActions }: Draws['log']['shape'],
    group: AgentGroup,
    arrays: GroupArrays,
    k: number,
    entry: number,
    last: number,
    place: number,
  ): void {
    const n = group.agents.length
    const width = inputSize(group)
    for (let i = 0; i < n; i++) {
      const to = k * n + i
      const from = entry * agents.length + place + i
      const after = last * agents.length + place + i
      writeInput(group, i, columns.observation, from * observationSize, arrays.x as Float32Array, to * width)
      writeInput(group, i, columns.nextObservation, after * observationSize, arrays.nextX as Float32Array, to * width)
      arrays.action[to] = columns.action[from]!
      arrays.alive[to] = columns.alive[from]!
      arrays.nextAlive[to] = columns.nextAlive[after]!
      for (let a = 0; a < group.numActions; a++) {
        arrays.nextLegal[to * group.numActions + a] = columns.nextLegal[after * numActions + a]!
      }
    }
  }
}

function groupInputs(graph: Graph, size: number, group: AgentGroup, g: number): GroupBatch {
  const n = group.agents.length
  return {
    x: graph.input(`x/${g}`, [size, n, inputSize(group)]),
    nextX: graph.input(`nextX/${g}`, [size, n, inputSize(group)]),
    action: graph.input(`action/${g}`, [size, n], 'i32'),
    alive: graph.input(`alive/${g}`, [size, n]),
    nextAlive: graph.input(`nextAlive/${g}`, [size, n]),
    nextLegal: graph.input(`nextLegal/${g}`, [size, n, group.numActions], 'u8'),
  }
}

/** What all observe, side by side, without their ids: [M, sum of n O]. */
function joined(graph: Graph, groups: readonly AgentGroup[], inputs: readonly Tensor[]): Tensor {
  const parts = inputs.map((x, g) => {
    const { agents, observationSize } = groups[g]!
    const [size, n] = [x.shape[0]!, agents.length]
    return graph.reshape(graph.slice(x, [0, 0, 0], [size, n, observationSize]), [size, n * observationSize])
  })
  return graph.concat(parts, 1)
}
