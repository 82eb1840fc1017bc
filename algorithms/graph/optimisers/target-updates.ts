import type { Graph } from '../graph.js'
import { GraphError } from '../graph-error.js'
import type { Assign } from '../program.js'
import type { Tensor } from '../tensor.js'

/**
 * Copies parameters to those of a target network (Mnih et al. 2015). In the program of a training step it copies what was there before
 * the step; in one of its own what is there.
 * @param targets - variables, each of the shape of its source
 */
export function hardUpdate(targets: readonly Tensor[], sources: readonly Tensor[]): Assign[] {
  checkPairs('hardUpdate', targets, sources)
  return targets.map((variable, k) => ({ kind: 'assign', variable, value: sources[k]! }))
}

/**
 * Moves a target network towards its source (Lillicrap et al. 2016): t' = t + rate (s - t).
 * @param targets - variables, each of the shape of its source
 * @param rate - tau, within 0..1
 */
export function softUpdate(
  graph: Graph,
  targets: readonly Tensor[],
  sources: readonly Tensor[],
  rate: number,
): Assign[] {
  checkPairs('softUpdate', targets, sources)
  if (!(rate >= 0 && rate <= 1)) throw new GraphError(`softUpdate: expected a rate within 0..1, got ${rate}`)
  return targets.map((variable, k) => {
    const step = graph.mul(graph.scalar(rate), graph.sub(sources[k]!, variable))
    return { kind: 'assign', variable, value: graph.add(variable, step) }
  })
}

function checkPairs(what: string, targets: readonly Tensor[], sources: readonly Tensor[]): void {
  if (targets.length === sources.length) return
  throw new GraphError(`${what}: ${targets.length} targets for ${sources.length} parameters`)
}
