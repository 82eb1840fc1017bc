import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { box, discrete } from '#env/space.js'
import { type EnvSpec, layoutOf } from '#env/spec.js'
import { evaluatePolicy } from '../planning/policy-evaluation.js'
import { policyConformance } from '../testing/policy-conformance.js'
import { baselines } from './baselines.js'
import { greedyPolicy } from './greedy.js'
import { roundRobinPolicy } from './round-robin.js'
import { thresholdConfig, thresholdPolicy } from './threshold.js'

function specOf(actions: readonly number[], numStates = 3): EnvSpec {
  return {
    id: 'desk',
    version: '1',
    agents: actions.map((n, i) => ({
      name: `agent-${i}`,
      observation: box(2),
      action: discrete(n, ['pass', 'claim', 'ask'].slice(0, n)),
      numObservations: 2,
    })),
    numStates,
    stateSize: 0,
    quantities: [],
    score: { aggregate: 'shared', over: 'episode' },
    limitSteps: null,
  }
}

const team = specOf([2, 3, 2])
const single = specOf([3])
const create = (name: string, spec: EnvSpec, config: object = {}) => {
  const entry = baselines.find((baseline) => baseline.name === name)!
  return entry.create({ spec, envConfig: {} }, entry.schema.parse(config))
}
const tables = {
  values: [
    [
      [0, 1],
      [2, 2],
    ],
    [
      [0, -1, 3],
      [5, 4, 4],
    ],
    [
      [1, 0],
      [0, 0],
    ],
  ],
}
const jointTable = {
  jointValues: Array.from({ length: 3 }, (_, s) => Array.from({ length: 12 }, (_, j) => (7 * s + 5 * j) % 11)),
}

describe('random, team', () => policyConformance(team, (spec) => create('random', spec)))
describe('random, single agent', () => policyConformance(single, (spec) => create('random', spec)))
describe('round-robin, team', () => policyConformance(team, (spec) => create('round-robin', spec)))
describe('round-robin, single agent', () => policyConformance(single, (spec) => create('round-robin', spec)))
describe('threshold, conformance', () =>
  policyConformance(team, (spec) => create('threshold', spec, { threshold: 0.1 })))
describe('greedy over local values', () => policyConformance(team, (spec) => create('greedy', spec, tables)))
describe('greedy over joint values', () => policyConformance(team, (spec) => create('greedy', spec, jointTable)))

/** One row with these masks, an observation of zeros but for `feature0`, and this memory. */
function batchOf(spec: EnvSpec, masks: readonly number[][], memory = 0, feature0 = 0): PolicyBatch {
  const layout = layoutOf(spec)
  const mask = new Uint8Array(layout.agents * layout.numActions)
  masks.forEach((legal, i) => {
    mask.set(legal, i * layout.numActions)
  })
  const observation = new Float32Array(layout.agents * layout.observationSize)
  for (let i = 0; i < layout.agents; i++) observation[i * layout.observationSize] = feature0
  return {
    layout,
    size: 1,
    observation,
    mask,
    observationId: new Int32Array(layout.agents),
    stateId: Int32Array.of(0),
    state: new Float32Array(0),
    memory: new Float32Array(layout.agents).fill(memory),
  }
}

/** What each agent remembers after acting. */
function memoryAfter(policy: Policy, batch: PolicyBatch): number[] {
  actOf(policy, batch)
  return [...batch.memory!]
}

function actOf(policy: { act(batch: PolicyBatch, rng: Rng, out: Int32Array): void }, batch: PolicyBatch): number[] {
  const out = new Int32Array(batch.layout.agents)
  policy.act(batch, new Rng('x'), out)
  return [...out]
}

describe('round-robin', () => {
  it('hands the turn to the first agent from the pointer that may act, and moves on past it', () => {
    const policy = roundRobinPolicy(team)
    const all = [
      [1, 1],
      [1, 1, 1],
      [1, 1],
    ]
    expect(actOf(policy, batchOf(team, all, 0))).toEqual([1, 0, 0])
    expect(actOf(policy, batchOf(team, all, 2))).toEqual([0, 0, 1])
    expect(
      actOf(
        policy,
        batchOf(
          team,
          [
            [1, 1],
            [1, 0, 0],
            [1, 0],
          ],
          1,
        ),
      ),
    ).toEqual([1, 0, 0])
    expect(
      actOf(
        policy,
        batchOf(
          team,
          [
            [1, 0],
            [1, 0, 1],
            [1, 1],
          ],
          0,
        ),
      ),
    ).toEqual([0, 2, 0])
  })

  it('moves the pointer of every agent that acts past whose turn it was, by what that agent sees', () => {
    const policy = roundRobinPolicy(team)
    const claims = (legal: readonly number[]) => legal.map((may, i) => (i === 1 ? [1, may, 0] : [1, may]))
    expect(memoryAfter(policy, batchOf(team, claims([1, 1, 1]), 2))).toEqual([0, 0, 0])
    expect(memoryAfter(policy, batchOf(team, claims([1, 0, 0]), 1))).toEqual([1, 1, 1])
    expect(memoryAfter(policy, batchOf(team, claims([0, 0, 0]), 1))).toEqual([1, 1, 1])
    // Agent 0 was away with the pointer at 0; it sees all masks, and its turn is another's.
    const apart = { ...batchOf(team, claims([1, 1, 1])), memory: Float32Array.of(0, 1, 1) }
    expect(actOf(policy, apart)).toEqual([1, 1, 0])
    expect([...apart.memory]).toEqual([1, 2, 2])
    const absent = batchOf(team, [[0, 0], ...claims([1, 1, 1]).slice(1)], 2)
    expect(memoryAfter(policy, absent)).toEqual([2, 0, 0])
  })

  it('cycles through the legal actions of a single agent', () => {
    const policy = roundRobinPolicy(single)
    expect(actOf(policy, batchOf(single, [[1, 0, 1]], 0))).toEqual([0])
    expect(actOf(policy, batchOf(single, [[1, 0, 1]], 1))).toEqual([2])
    expect(actOf(policy, batchOf(single, [[1, 1, 0]], 2))).toEqual([0])
    expect(memoryAfter(policy, batchOf(single, [[1, 1, 1]], 2))).toEqual([0])
    expect(memoryAfter(policy, batchOf(single, [[0, 0, 0]], 2))).toEqual([2])
  })

  it('asks for its memory', () => {
    const { memory: _, ...without } = batchOf(team, [
      [1, 1],
      [1, 1, 1],
      [1, 1],
    ])
    expect(() => actOf(roundRobinPolicy(team), without)).toThrow(
      /round-robin: expected batch.memory of 3 numbers, got none/,
    )
  })
})

describe('exact values on routing-dispatch (shared routing-dispatch.md)', () => {
  const env = routingDispatch.create(routingDispatch.schema.parse({}))
  const mdp = toJointMdp(env)
  it.each([
    ['round-robin', 44.29672501],
    ['random', 24.77697911],
  ])('%s is worth %d', (name, expected) => {
    expect(evaluatePolicy(mdp, create(name, env.spec), { discount: 0.97 }).start).toBeCloseTo(expected, 7)
  })
})

describe('threshold', () => {
  const free = [
    [1, 1],
    [1, 1, 1],
    [1, 1],
  ]
  const make = (config: object) => thresholdPolicy(team, thresholdConfig.parse(config))

  it('compares inclusively, both ways, with actions by label or number', () => {
    const atLeast = make({ feature: 0, threshold: 0.5, action: 'claim', otherwise: 'pass' })
    expect(actOf(atLeast, batchOf(team, free, 0, 0.5))).toEqual([1, 1, 1])
    expect(actOf(atLeast, batchOf(team, free, 0, 0.4))).toEqual([0, 0, 0])
    const atMost = make({ feature: 0, when: 'at-most', threshold: 0.5, action: 1, otherwise: 0 })
    expect(actOf(atMost, batchOf(team, free, 0, 0.5))).toEqual([1, 1, 1])
    expect(actOf(atMost, batchOf(team, free, 0, 0.6))).toEqual([0, 0, 0])
  })

  it('falls back to the other action, then to the lowest legal one', () => {
    expect(
      actOf(
        make({}),
        batchOf(
          team,
          [
            [1, 0],
            [0, 0, 1],
            [1, 1],
          ],
          0,
          1,
        ),
      ),
    ).toEqual([0, 2, 1])
  })

  it('refuses features and actions that an agent lacks, and batches without observations', () => {
    expect(() => make({ feature: 2 })).toThrow(/feature: agent "agent-0" of desk observes 2 numbers, got feature 2/)
    expect(() => make({ action: 'ask' })).toThrow(/action: agent "agent-0" has no action ask; known: pass, claim/)
    expect(() => make({ otherwise: 2 })).toThrow(/otherwise: agent "agent-0" has no action 2/)
    expect(() => actOf(make({}), { ...batchOf(team, free), observation: new Float32Array(0) })).toThrow(/got none/)
  })
})

describe('greedy', () => {
  it('takes the best legal action of each table, or of the joint one', () => {
    expect(
      actOf(
        greedyPolicy(team, tables),
        batchOf(team, [
          [1, 1],
          [1, 1, 0],
          [1, 1],
        ]),
      ),
    ).toEqual([1, 0, 0])
    const masks = [
      [1, 1],
      [1, 1, 1],
      [1, 1],
    ]
    // Row 0 holds 5j mod 11, highest (10) at joint action 2 = (0, 1, 0).
    expect(actOf(greedyPolicy(team, jointTable), batchOf(team, masks))).toEqual([0, 1, 0])
  })

  it('refuses tables that do not fit', () => {
    expect(() => create('greedy', team)).toThrow(/either values/)
    expect(() => create('greedy', team, { values: tables.values.slice(1) })).toThrow(/values: expected 3 .* got 2/)
    expect(() => create('greedy', single, { values: [[[1, 2, 3]]] })).toThrow(/values.0: expected 2 .* got 1/)
    expect(() =>
      create('greedy', single, {
        values: [
          [
            [1, 2],
            [1, 2, 3],
          ],
        ],
      }),
    ).toThrow(/values.0.0: expected 3 .* got 2/)
    expect(() => create('greedy', team, { jointValues: [[1]] })).toThrow(/jointValues: expected 3/)
  })
})
