import type { TabularMdp } from '#env/mdp/tabular-mdp.js'

/** The start distribution and the numbers of a model's states, with one more state behind them: no episode begins there. */
export function withExtraState(mdp: Pick<TabularMdp, 'numStates' | 'start' | 'stateIds'>): {
  readonly start: Float64Array
  readonly stateIds: Int32Array
} {
  const start = new Float64Array(mdp.numStates + 1)
  start.set(mdp.start)
  const stateIds = new Int32Array(mdp.numStates + 1).fill(-1)
  stateIds.set(mdp.stateIds)
  return { start, stateIds }
}
