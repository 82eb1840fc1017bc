import { describe, expect, it } from 'vitest'
import { baselines } from '#algorithms/baselines/baselines.js'
import { defaultPlanner } from '#algorithms/planning/default-planner.js'
import { evaluatePolicy } from '#algorithms/planning/policy-evaluation.js'
import { qValues } from '#algorithms/planning/q-values.js'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { routingPipelineConfig } from '#env/routing-pipeline/config.js'
import { defaultStages } from '#env/routing-pipeline/default-instance.js'
import { routingPipeline } from '#env/routing-pipeline/entry.js'
import { pipelinePolicies } from '#env/routing-pipeline/policies/scripted.js'
import { RoutingPipeline } from '#env/routing-pipeline/routing-pipeline.js'

const parse = (settings: object = {}) => routingPipelineConfig.parse(settings)
const make = (settings: object = {}) => new RoutingPipeline(parse(settings))
const programs = new Set(['rules', 'keywords', 'extract', 'none'])
const repeating = defaultStages.map((stage) => ({
  ...stage,
  agents: stage.agents.map((agent) => ({ ...agent, repeat: programs.has(agent.name) ? 'same' : 'again' })),
}))

const startOf = ({ start }: JointMdp, value: ArrayLike<number>) => start.reduce((sum, p, s) => sum + p * value[s]!, 0)

function legalPairs({ rowStart, reward, terminal, numActions }: JointMdp): number {
  let pairs = 0
  reward.forEach((_, row) => {
    if (terminal[Math.floor(row / numActions)] === 0 && rowStart[row + 1]! > rowStart[row]!) pairs++
  })
  return pairs
}

// Reference values: a solver written separately, by backward induction.
describe('the exact model of routing-pipeline', () => {
  const env = make()
  const model = toJointMdp(env)
  const plan = defaultPlanner.plan(model, { discount: 1, epsilon: 1e-9 })
  const place = new Map([...model.stateIds].map((id, s) => [id, s]))

  it('has 2,016 numbers, 459 states that are come to beside the end, 1,334 legal pairs and 2,184 transitions', () => {
    expect(env.spec.numStates).toBe(2016)
    expect(model.terminal.filter((end) => end === 0)).toHaveLength(459)
    expect(legalPairs(model)).toBe(1334)
    expect(model.successor).toHaveLength(2184)
    let outcomes = 0
    let pays = 0
    const sink = {
      add(_: number, __: number, rewards: ArrayLike<number>) {
        outcomes++
        if (rewards[0] === 10) pays++
      },
    }
    for (let s = 0; s < model.numStates; s++) {
      for (let a = 0; a < model.numActions; a++) {
        const row = s * model.numActions + a
        if (model.terminal[s] === 1 || model.rowStart[row + 1] === model.rowStart[row]) continue
        env.transitions(model.stateIds[s]!, Int32Array.of(a), sink)
      }
    }
    // A right and a wrong answer count as one.
    expect(outcomes - pays).toBe(2679)
  })

  it("has the reference's V*", () => {
    expect(startOf(model, plan.value)).toBeCloseTo(6.215411398519319, 9)
  })

  const illegal = Number.NEGATIVE_INFINITY
  it.each([
    [6, [5.78432111, 5.57544505, illegal, illegal, 5.9466763, 4]],
    [342, [6.5749893, 6.15785269, illegal, illegal, 6.0749893, 4]],
    [1180, [6.06742616, 5.54403266, 4.45482789, illegal, illegal, 4]],
    [1445, [6.9890327, 6.72036873, 5.5476558, 6.12433243, illegal, 4]],
    [1682, [5.9564, 6.12433243, illegal, illegal, illegal, 4]],
  ])("has the reference's Q* in state %d", (state, expected) => {
    const q = qValues(model, plan.value, 1)
    const row = place.get(state)! * model.numActions
    expected.forEach((value, a) => {
      if (value === illegal) expect(model.rowStart[row + a + 1]).toBe(model.rowStart[row + a])
      else expect(q[row + a]).toBeCloseTo(value, 8)
    })
  })

  it('takes accept before handOver before ask before a call where they are equally good', () => {
    // 1415: accept or hand over; 1513: call "none" or hand over; 1611: call "extract" or accept (found by listing Q*).
    const chosen = [1415, 1513, 1611].map((state) => plan.policy[place.get(state)!])
    expect(chosen).toEqual([env.rules.accept, env.rules.handOver, env.rules.accept])
  })

  it.each([
    ['dearest', {}, 1.827491862770489],
    ['cascade', {}, 3.5579796308924005],
    ['cheapest', {}, 3.6143625],
    ['cascade-keeping', {}, 4.563272678070001],
    ['best-chain', {}, 3.6813864827056246],
    ['chain', { agents: ['rules', 'hybrid', 'small', 'none'] }, 3.6813864827056246],
    ['hand-over', {}, 4],
    ['random', {}, 3.3096408684840632],
  ])('%s %j earns %d', (name, settings, expected) => {
    const entry = [...pipelinePolicies, ...baselines].find((policy) => policy.name === name)!
    const policy = entry.create({ spec: env.spec, envConfig: parse() }, entry.schema.parse(settings))
    expect(startOf(model, evaluatePolicy(model, policy, { discount: 1 }).value)).toBeCloseTo(expected, 9)
  })

  it('is worth less where programs repeat themselves, and the optimum of the first is worth still less there', () => {
    const same = toJointMdp(make({ stages: repeating }))
    const best = defaultPlanner.plan(same, { discount: 1, epsilon: 1e-9 })
    expect(startOf(same, best.value)).toBeCloseTo(5.920088896214517, 9)
    expect(same.terminal.filter((end) => end === 0)).toHaveLength(711)
    const random = baselines.find(({ name }) => name === 'random')!
    const policy = random.create({ spec: make({ stages: repeating }).spec, envConfig: null }, {})
    expect(startOf(same, evaluatePolicy(same, policy, { discount: 1 }).value)).toBeCloseTo(3.287300957566009, 9)
  })

  it('is registered under its name', () => {
    expect(routingPipeline.create(routingPipeline.schema.parse({})).spec.numStates).toBe(2016)
  })
})
