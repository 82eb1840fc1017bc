import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { RoutingDispatch } from '#env/routing-dispatch/routing-dispatch.js'
import { twoStep } from '#env/two-step/entry.js'
import { acyclicModel } from '../testing/models.js'
import { plannerConformance } from '../testing/planner-conformance.js'
import { backwardInduction, backwardInductionPlanner } from './backward-induction.js'
import { valueIteration } from './value-iteration.js'

describe('backward induction', () => {
  plannerConformance(backwardInductionPlanner, { models: acyclicModel, discounts: [0, 0.9, 1], iterates: false })

  const model = toJointMdp(twoStep.create(twoStep.schema.parse({})))

  it('finds 8 in the two-step game at discount 1 (Rashid et al. 2018, section 5)', () => {
    const result = backwardInduction(model, 1)!
    expect(result.value[model.start.indexOf(1)]).toBe(8)
  })

  it('agrees with value iteration below 1', () => {
    const { value } = valueIteration(model, { discount: 0.9, epsilon: 1e-10 })
    const result = backwardInduction(model, 0.9)!
    for (const [s, expected] of value.entries()) expect(result.value[s]).toBeCloseTo(expected, 9)
  })

  it('declines a model with cycles', () => {
    expect(backwardInduction(toJointMdp(new RoutingDispatch(routingDispatchConfig.parse({}))), 1)).toBeNull()
  })

  it('refuses a model with cycles behind the contract', () => {
    const cyclic = toJointMdp(new RoutingDispatch(routingDispatchConfig.parse({})))
    expect(() => backwardInductionPlanner.plan(cyclic, { discount: 1, epsilon: 1e-6 })).toThrow(/this one has cycles/)
  })
})
