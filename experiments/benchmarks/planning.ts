import { PolicyEvaluator } from '#algorithms/planning/policy-evaluation.js'
import { valueIteration } from '#algorithms/planning/value-iteration.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import type { Benchmark } from './benchmark.js'

const model = () => toJointMdp(routingDispatch.create(routingDispatch.schema.parse({})))

/** On the joint model of the quickstart instance: 2,016 states, 354,016 transitions. */
export const planningBenchmarks: readonly Benchmark[] = [
  {
    name: 'planning/value-iteration/routing-dispatch',
    unit: 'solutions',
    prepare: async () => {
      const mdp = model()
      return { work: 1, run: () => void valueIteration(mdp, { discount: 0.97, epsilon: 1e-8 }) }
    },
  },
  {
    name: 'planning/policy-evaluation/routing-dispatch',
    unit: 'evaluations',
    prepare: async () => {
      const mdp = model()
      const { policy } = valueIteration(mdp, { discount: 0.97, epsilon: 1e-8 })
      const evaluator = new PolicyEvaluator(mdp, 0.97)
      return { work: 1, run: () => void evaluator.evaluateActions(policy, { epsilon: 1e-7 }) }
    },
  },
]
