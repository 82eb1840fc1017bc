import { factoredModelOf } from '../mdp/factored-mdp.js'
import type { FactoredModel } from '../mdp/factored-model.js'
import { scoreWeights } from '../spec.js'
import { type Check, fail } from './check.js'
import { withModel } from './model-visits.js'

/** Steps whose distributions are held against each other: each is a whole row of the joint model. */
const TRIED = 200

/** Differences of rounding. */
const ROUNDING = 1e-9

/** What holds for environments that offer their model in factors; the others pass. */
export const factoredChecks: readonly Check[] = [
  {
    name: 'model-factored',
    promise: 'factoredModel, where there is one, gives the successors and rewards that transitions gives',
    run: withModel(({ env, visits, rowOf }, { spec }) => {
      const model = factoredModelOf(env)
      if (model === undefined) return
      const weights = scoreWeights(spec)
      const tried = new Set<string>()
      for (const { state, actions } of visits) {
        const key = `${state}:${actions.join()}`
        if (tried.has(key)) continue
        if (tried.add(key).size > TRIED) return
        const row = rowOf(state, actions)
        const { successors, reward } = stepOf(model, state, actions)
        const where = `state ${state} under actions [${actions.join(', ')}]`
        let declared = 0
        for (const next of row.states) {
          const { probability, expected } = row.get(next)!
          declared += weights.reduce((sum, w, i) => sum + w * expected[i]!, 0) * probability
          const got = successors.get(next) ?? 0
          successors.delete(next)
          if (Math.abs(got - probability) <= ROUNDING) continue
          fail(`${where} goes to ${next} with probability ${got} in factors, transitions says ${probability}`)
        }
        for (const [next, probability] of successors) {
          if (probability <= ROUNDING) continue
          fail(`${where} goes to ${next} with probability ${probability} in factors, transitions says 0`)
        }
        if (Math.abs(reward - declared) <= ROUNDING * Math.max(1, Math.abs(declared))) continue
        fail(`${where} earns ${reward} in factors, ${declared} by transitions`)
      }
    }),
  },
]

/** A step's successors, and what it is expected to earn, put together from factors. */
function stepOf({ sizes, moves, outcomes }: FactoredModel, state: number, actions: Int32Array) {
  const successors = new Map<number, number>()
  let reward = 0
  outcomes(state, actions, {
    add(afterstate, weight, earned) {
      reward += weight * earned
      let reached: [number, number][] = [[0, weight]]
      let rest = afterstate
      let place = 1
      sizes.forEach((size, f) => {
        const from = rest % size
        rest = (rest - from) / size
        const row = moves[f]!.subarray(from * size, (from + 1) * size)
        reached = reached.flatMap(([sum, p]) =>
          [...row].flatMap((q, to): [number, number][] => (q > 0 ? [[sum + to * place, p * q]] : [])),
        )
        place *= size
      })
      for (const [next, p] of reached) successors.set(next, (successors.get(next) ?? 0) + p)
    },
  })
  return { successors, reward }
}
