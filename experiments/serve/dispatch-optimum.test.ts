import { describe, expect, it } from 'vitest'
import { evaluatePolicy } from '#algorithms/planning/policy-evaluation.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import { instances, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { solveTeam } from './dispatch-optimum.js'
import { OptimumPolicy } from './optimum-policy.js'
import { policyOf } from './policy-source.js'
import { predictedGain } from './predicted-gain.js'

const discount = 0.97
const config = routingDispatchConfig.parse({})
const all = [true, true, true]

describe('the optimum of a live team', () => {
  it('is that of the environment, and its policy is worth as much', () => {
    const solution = solveTeam({ config, present: all, discount })
    expect(solution.value[0]).toBeCloseTo(72.371772413, 5)
    const model = toJointMdp(routingDispatch.create(config))
    const { start } = evaluatePolicy(model, new OptimumPolicy(config, solution), { discount })
    expect(start).toBeCloseTo(72.371772413, 5)
  })

  it('leaves out those who are absent: worth what the smaller team is worth', () => {
    const present = [true, false, true]
    const { agents } = instances['three-agents']
    const pair = routingDispatchConfig.parse({ agents: [agents[0], agents[2]] })
    const alone = solveTeam({ config: pair, present: [true, true], discount })
    const without = solveTeam({ config, present, discount })
    expect(without.value[0]).toBeCloseTo(alone.value[0]!, 6)
    expect(without.choice.includes(2)).toBe(false)
    expect([without.choice.includes(1), without.choice.includes(3)]).toEqual([true, true])
    // Who is absent is down with an empty queue for ever: the whole team's model, with an agent that is never repaired.
    const broken = agents.map((agent, i) => (i === 1 ? { ...agent, repair: 0, fail: 1 } : agent))
    const model = toJointMdp(routingDispatch.create(routingDispatchConfig.parse({ agents: broken })))
    const policy = new OptimumPolicy(config, without)
    const down = model.stateIds.indexOf(7 * 8 * 3)
    expect(evaluatePolicy(model, policy, { discount }).value[down]).toBeCloseTo(alone.value[0]!, 5)
  })

  it('decides also in states that the settings never come to', () => {
    const { agents, types } = instances['three-agents']
    const newest = (type: number) => config.patience * (type + 1)
    const firstIsDown = 7 * 4
    // Agents that never fail, one of which is down: those of its settings that repair it, the others are the same team.
    const reliable = routingDispatchConfig.parse({ agents: agents.map((agent) => ({ ...agent, fail: 0 })) })
    const { choice, value } = solveTeam({ config: reliable, present: all, discount })
    const seldom = routingDispatchConfig.parse({ agents: agents.map((agent) => ({ ...agent, fail: 1e-9 })) })
    const near = solveTeam({ config: seldom, present: all, discount })
    for (const type of [0, 1]) expect(choice[newest(type) + firstIsDown]).toBe(near.choice[newest(type) + firstIsDown])
    expect(choice[newest(1) + firstIsDown]).toBe(2)
    expect(value[firstIsDown]).toBeCloseTo(near.value[firstIsDown]!, 4)
    // Queries come although no rate of arrival is given.
    const quiet = routingDispatchConfig.parse({ types: types.map(({ arrival: _, ...type }) => type) })
    const alone = solveTeam({ config: quiet, present: all, discount })
    expect([alone.choice[newest(0)], alone.choice[newest(1)]]).toEqual([1, 2])
  })

  it('is none where a team has no exact model, and it is said why', () => {
    const sampled = routingDispatchConfig.parse({ onDown: 'giveBack' })
    expect(() => solveTeam({ config: sampled, present: all, discount })).toThrow(
      'there is no exact optimum of this team: with onDown giveBack what is queued matters, and states leave it out; use a rule, or a trained policy',
    )
    const long = routingDispatchConfig.parse({ inbox: 3, patience: 30 })
    expect(() => solveTeam({ config: long, present: all, discount })).toThrow(
      'there is no exact optimum of this team: its inbox may hold too many different queries; use a rule',
    )
  })

  it('is found sooner from what is known: fewer iterations, the same answer', () => {
    const first = solveTeam({ config, present: all, discount })
    const again = solveTeam({ config, present: all, discount, before: first })
    expect(again.iterations).toBeLessThan(first.iterations)
    expect(again.value[0]).toBeCloseTo(first.value[0]!, 5)
    const without = solveTeam({ config, present: [true, true, false], discount, before: first })
    const back = solveTeam({ config, present: all, discount, before: without })
    expect(back.value[0]).toBeCloseTo(first.value[0]!, 5)
  })

  it('predicts what is earned a tick in the long run', () => {
    const gain = (gamma: number) =>
      predictedGain(config, new OptimumPolicy(config, solveTeam({ config, present: all, discount: gamma })))
    expect(gain(0.999)).toBeCloseTo(1.84926, 4)
    expect(gain(0.97)).toBeCloseTo(1.79663, 4)
  })

  it('predicts for those who can be reached: as much as a team of these alone earns', () => {
    const present = [true, false, true]
    const { agents } = instances['three-agents']
    const pair = routingDispatchConfig.parse({ agents: [agents[0], agents[2]] })
    const without = new OptimumPolicy(config, solveTeam({ config, present, discount }))
    const alone = new OptimumPolicy(pair, solveTeam({ config: pair, present: [true, true], discount }))
    expect(predictedGain(config, without, present)).toBeCloseTo(predictedGain(pair, alone)!, 5)
  })

  it('predicts a rule for those who can be reached, who is absent taking nothing', async () => {
    const present = [true, false, true]
    const { agents } = instances['three-agents']
    const pair = routingDispatchConfig.parse({ agents: [agents[0], agents[2]] })
    const source = { kind: 'rule', use: 'margin-minus-delay' } as const
    const [of, alone] = [await policyOf(source, config), await policyOf(source, pair)]
    expect(predictedGain(config, of, present)).toBeCloseTo(predictedGain(pair, alone)!, 5)
  })
})
