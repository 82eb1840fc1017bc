import type { Graph } from '../graph/graph.js'
import type { Tensor } from '../graph/tensor.js'
import type { Parameter } from './parameters.js'

/** How the values of what agents chose make what is learned. */
export interface Mixing {
  /** Whose rewards are learned from: each agent's own (V = N), or the team's (V = 1). */
  readonly streams: 'agents' | 'team'
  /** Whether it reads the state: it is remembered then. */
  readonly readsState: boolean
  /**
   * @param chosen - f32 [M, N], of what each agent chose; 0 for one that doesn't act
   * @param state - f32 [M, S]
   * @returns f32 [M, V]
   */
  mix(graph: Graph, chosen: Tensor, state: Tensor, parameter: Parameter): Tensor
}

/** A group's part of a minibatch: n agents, I numbers read, A actions. */
export interface GroupBatch {
  /** f32 [M, n, I]; i32 [M, n]; f32 [M, n], 1 = acted */
  readonly x: Tensor
  readonly action: Tensor
  readonly alive: Tensor
  /** What followed: f32 [M, n, I]; u8 [M, n, A]; f32 [M, n] */
  readonly nextX: Tensor
  readonly nextLegal: Tensor
  readonly nextAlive: Tensor
}

/** M entries of a log as nodes. */
export interface MiniBatch {
  readonly groups: readonly GroupBatch[]
  /** f32 [M, V]; discount: what the value of what follows counts */
  readonly reward: Tensor
  readonly discount: Tensor
  /** f32 [M, S] */
  readonly state: Tensor
  readonly nextState: Tensor
  /** f32 [M, 1]: 0 where there is nothing, 1 or what prioritised replay gives it elsewhere */
  readonly weight: Tensor
}

/** Values of a group's agents by one copy of the parameters: x [M, n, I] gives [M, n, A]. */
export type Values = (group: number, x: Tensor) => Tensor

export interface TdOptions {
  /** Whether the network itself says what is best, and its target what that is worth (van Hasselt et al. 2016). */
  readonly double: boolean
  /** huber: quadratic within 1, linear outside; squared: the square itself. */
  readonly loss: 'huber' | 'squared'
}

/** Below all values, for actions that aren't legal. */
const NEVER = -1e9

/**
 * One-step temporal differences by networks:
 *
 *     y = r + discount * mix'(Q'(x', a*), s')    a* = argmax over legal a of Q(x', a), or of Q'(x', a)
 *     loss = mean of L(y - mix(Q(x, a), s))
 *
 * where ' marks targets, and the mean is over what acted; a team counts as one.
 * @returns loss f32 []; error f32 [M, V], y less what was predicted; mean f32 [], of what was predicted
 */
export function temporalDifference(
  graph: Graph,
  batch: MiniBatch,
  mixing: Mixing,
  own: { readonly values: Values; readonly parameter: Parameter },
  target: { readonly values: Values; readonly parameter: Parameter },
  { double, loss }: TdOptions,
): { loss: Tensor; error: Tensor; mean: Tensor } {
  const chosen = batch.groups.map(({ x, action, alive }, g) => graph.mul(graph.gather(own.values(g, x), action), alive))
  const predicted = mixing.mix(graph, graph.concat(chosen, 1), batch.state, own.parameter)

  const following = batch.groups.map(({ nextX, nextLegal, nextAlive }, g) => {
    const worth = target.values(g, nextX)
    const judged = double ? own.values(g, nextX) : worth
    const best = graph.argmax(graph.where(nextLegal, judged, graph.scalar(NEVER)))
    return graph.mul(graph.gather(worth, best), nextAlive)
  })
  const next = mixing.mix(graph, graph.concat(following, 1), batch.nextState, target.parameter)
  const y = graph.stopGradient(graph.add(batch.reward, graph.mul(batch.discount, next)))

  const error = graph.sub(y, predicted)
  const size = loss === 'huber' ? graph.huber(error) : graph.square(error)
  const acting =
    mixing.streams === 'agents'
      ? graph.concat(
          batch.groups.map(({ alive }) => alive),
          1,
        )
      : graph.scalar(1)
  const there = graph.mul(graph.cast(graph.greater(batch.weight, graph.scalar(0)), 'f32'), acting)
  const count = graph.maximum(graph.sum(there), graph.scalar(1))
  const meanOf = (x: Tensor, weight: Tensor) => graph.div(graph.sum(graph.mul(x, weight)), count)
  return {
    loss: meanOf(size, graph.mul(batch.weight, acting)),
    error: graph.mul(error, there),
    mean: meanOf(predicted, there),
  }
}
