import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { selectRowsOf } from '#env/policy-batch.js'
import { Rng } from '#env/rng.js'
import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { denseSolve } from '../testing/dense-solve.js'
import { jointOf, modelOf, randomTeamModel } from '../testing/models.js'
import { policyConformance } from '../testing/policy-conformance.js'
import { OccupancySolver } from './occupancy.js'
import { evaluatePolicy, PolicyEvaluator } from './policy-evaluation.js'

/** The lowest legal action from `wanted` on, then from 0; -1 where none is legal. */
function legalFrom(batch: PolicyBatch, k: number, wanted: number): number {
  const { numActions } = batch.layout
  for (let turn = 0; turn < numActions; turn++) {
    const action = (wanted + turn) % numActions
    if (batch.mask[k * numActions + action] === 1) return action
  }
  return -1
}

/** Makes a deterministic policy of what each agent does and remembers: `step` gives both, from what it sees and remembered. */
function ruleOf(size: number, step: (seen: number, memory: Float32Array) => number): Policy {
  return {
    observes: 'local',
    memory: { size },
    act(batch, _rng, out) {
      for (let k = 0; k < out.length && k < batch.size * batch.layout.agents; k++) {
        out[k] = 0
        if (legalFrom(batch, k, 0) < 0) continue
        const own = batch.memory!.subarray(k * size, (k + 1) * size)
        out[k] = legalFrom(batch, k, step(batch.observationId[k]!, own))
      }
    },
  }
}

/** A recurrent net of one unit whose activation has five levels, h <- round(2 tanh(.7 h + o - .8)) / 2; its sign decides. */
const recurrent = ruleOf(1, (seen, memory) => {
  memory[0] = Math.round(2 * Math.tanh(0.7 * memory[0]! + (seen % 3) - 0.8)) / 2
  return memory[0]! > 0 ? 1 : 0
})

/** A finite controller: counts observations up to 2, apart for odd and even ones. */
const counting = ruleOf(2, (seen, memory) => {
  memory[seen % 2] = Math.min(2, memory[seen % 2]! + 1)
  return memory[0]! > memory[1]! ? 1 : 0
})

/** Draws, ever more to action 1 the more odd observations it has seen. Memory starts at 1 for the second agent. */
const drawing: Policy = {
  observes: 'local',
  memory: { size: 1, initial: Float32Array.of(0, 1) },
  act(batch, rng, out) {
    const { agents, numActions } = batch.layout
    const p = new Float64Array(batch.size * agents * numActions)
    drawing.probabilities!(batch, p)
    for (let k = 0; k < batch.size * agents; k++) {
      out[k] = rng.categorical(p.subarray(k * numActions, (k + 1) * numActions))
      if (legalFrom(batch, k, 0) >= 0) batch.memory![k] = Math.min(2, batch.memory![k]! + (batch.observationId[k]! % 2))
    }
  },
  probabilities(batch, out) {
    const { agents, numActions } = batch.layout
    for (let k = 0; k < batch.size * agents; k++) {
      const row = Array.from(
        { length: numActions },
        (_, a) => batch.mask[k * numActions + a]! * (a === 1 ? 1 + batch.memory![k]! : 1),
      )
      const total = row.reduce((sum, weight) => sum + weight, 0)
      row.forEach((weight, a) => {
        out[k * numActions + a] = total === 0 ? Number(a === 0) : weight / total
      })
    }
  },
}

const spec: EnvSpec = {
  id: 'pair',
  version: '1',
  agents: ['a', 'b'].map((name) => ({ name, observation: box(1), action: discrete(2), numObservations: 6 })),
  numStates: 6,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'team-sum', over: 'episode' },
  limitSteps: null,
}

describe('recurrent', () => policyConformance(spec, () => recurrent))
describe('counting', () => policyConformance(spec, () => counting))
describe('drawing with memory', () => policyConformance(spec, () => drawing))

/** Agents see the state's number, the second one shifted by one. */
function seeing(mdp: JointMdp): JointMdp {
  const n = mdp.actionsOf.length
  const observationId = Int32Array.from({ length: mdp.numStates * n }, (_, k) => Math.floor(k / n) + (k % n))
  return { ...mdp, batch: { ...mdp.batch, observationId } }
}

/**
 * The value under the start distribution by the book: pairs of state and memory one after the other, one `act` each, and a
 * dense solve.
 */
function naiveStart(mdp: JointMdp, policy: Policy, discount: number): number {
  const { numActions, actionsOf, rowStart, successor, probability, reward, terminal } = mdp
  const n = actionsOf.length
  const initial = policy.memory!.initial ?? new Float32Array(n * policy.memory!.size)
  const nodes = new Map<string, { state: number; memory: Float32Array }>()
  const keyOf = (state: number, memory: Float32Array) => `${state}: ${[...memory].join()}`
  const add = (state: number, memory: Float32Array) => {
    const key = keyOf(state, memory)
    if (!nodes.has(key)) nodes.set(key, { state, memory })
    return key
  }
  for (let s = 0; s < mdp.numStates; s++) if (mdp.start[s]! > 0) add(s, initial)
  const rows: { reward: number; to: [string, number][] }[] = []
  for (const { state, memory } of nodes.values()) {
    const row = { reward: 0, to: [] as [string, number][] }
    rows.push(row)
    if (terminal[state] === 1) continue
    const batch = { ...selectRowsOf(mdp.batch, [state]), memory: memory.slice() }
    const width = batch.layout.numActions
    const p = new Float64Array(n * width)
    policy.probabilities?.(batch, p)
    const actions = new Int32Array(n)
    policy.act(batch, new Rng('naive'), actions)
    if (policy.probabilities === undefined) for (let i = 0; i < n; i++) p[i * width + actions[i]!] = 1
    for (let joint = 0; joint < numActions; joint++) {
      const parts = n === 1 ? [joint] : [Math.floor(joint / actionsOf[1]!), joint % actionsOf[1]!]
      const weight = parts.reduce((product, action, i) => product * p[i * width + action]!, 1)
      if (weight === 0) continue
      const at = state * numActions + joint
      row.reward += weight * reward[at]!
      for (let k = rowStart[at]!; k < rowStart[at + 1]!; k++) {
        row.to.push([add(successor[k]!, batch.memory), weight * probability[k]!])
      }
    }
  }
  const places = new Map([...nodes.keys()].map((key, i) => [key, i]))
  const matrix = rows.map(({ to }, i) => {
    const line = new Array<number>(rows.length).fill(0)
    line[i] = 1
    for (const [key, weight] of to) line[places.get(key)!]! -= discount * weight
    return line
  })
  const value = denseSolve(
    matrix,
    rows.map((row) => row.reward),
  )
  return mdp.start.reduce((sum, p, s) => (p > 0 ? sum + p * value[places.get(keyOf(s, initial))!]! : sum), 0)
}

describe('evaluatePolicy with memory', () => {
  it.each([
    ['recurrent', recurrent, 0.6],
    ['counting', counting, 0.9],
    ['drawing', drawing, 0.9],
  ])('%s: equals the product chain built by hand', (_, policy, discount) => {
    let most = 0
    fc.assert(
      fc.property(randomTeamModel, (model) => {
        const mdp = seeing(jointOf(model, [2, 2]))
        const evaluator = new PolicyEvaluator(mdp, discount)
        const naive = naiveStart(mdp, policy, discount)
        expect(evaluator.evaluate(policy).start).toBeCloseTo(naive, 8)
        expect(evaluator.evaluate(policy, { from: 'start' }).start).toBeCloseTo(naive, 8)
        most = Math.max(most, evaluator.chain.numNodes / mdp.numStates)
      }),
      { numRuns: 30 },
    )
    expect(most).toBeGreaterThan(2)
  })

  // One state, actions paying 0 and 1.
  const choice = jointOf(modelOf([[[[0, 1, 0]], [[0, 1, 1]]]]))
  const alternate = ruleOf(1, (_, memory) => {
    const action = memory[0]!
    memory[0] = 1 - action
    return action
  })

  it('gives values with the memory that an episode starts with', () => {
    const { value, start } = evaluatePolicy(choice, alternate, { discount: 0.9 })
    expect(start).toBeCloseTo(0.9 / (1 - 0.81), 8)
    expect([...value]).toEqual([start])
    const later = { ...alternate, memory: { size: 1, initial: Float32Array.of(1) } }
    expect(evaluatePolicy(choice, later, { discount: 0.9, initial: Float64Array.of(7) }).start).toBeCloseTo(
      1 / (1 - 0.81),
      8,
    )
  })

  it('knows only states that episodes start in, where it is asked from there', () => {
    const two = jointOf(modelOf([[[[1, 1, 1]]], [[[1, 1, 0]]]]))
    const evaluator = new PolicyEvaluator(two, 0.9)
    const begun = ruleOf(1, (_, memory) => {
      memory[0] = 1
      return 0
    })
    expect([...evaluator.evaluate(begun, { from: 'start' }).value]).toEqual([1, Number.NaN])
    expect([...evaluator.evaluate(begun).value]).toEqual([1, 0])
    const without: Policy = { observes: 'local', act: (_batch, _rng, out) => void out.fill(0) }
    expect([...evaluator.evaluate(without, { from: 'start' }).value]).toEqual([1, 0])
  })

  it('has occupancies dual to values', () => {
    const evaluator = new PolicyEvaluator(choice, 0.9)
    const { start } = evaluator.evaluate(alternate)
    const visits = new OccupancySolver().solve(evaluator.chain, 0.9)
    expect(visits.reduce((sum, d, i) => sum + d * evaluator.chain.reward[i]!, 0)).toBeCloseTo(start, 7)
    // The chain forgets memory again.
    expect(evaluator.evaluateActions(Int32Array.of(1)).start).toBeCloseTo(10, 8)
  })

  it('follows a policy until it ends at discount 1, the end being one node whatever is remembered', () => {
    // Stay at -1, or end: the policy stays twice.
    const mdp = jointOf(
      modelOf([
        [[[0, 1, -1]], [[1, 1, 0]]],
        [null, null],
      ]),
    )
    const patient = ruleOf(1, (_, memory) => {
      const patience = memory[0]!
      memory[0] = Math.min(2, patience + 1)
      return patience === 2 ? 1 : 0
    })
    const evaluator = new PolicyEvaluator(mdp, 1)
    expect(evaluator.evaluate(patient).start).toBeCloseTo(-2, 12)
    expect(evaluator.chain.numNodes).toBe(4)
  })

  it('refuses a chain beyond the limit of nodes, and says what to do', { timeout: 60_000 }, () => {
    const ring = jointOf(modelOf(Array.from({ length: 4000 }, (_, s) => [[[(s + 1) % 4000, 1, 1]]])))
    const endless = ruleOf(1, (_, memory) => {
      memory[0]!++
      return 0
    })
    const message = /more than 1000000 pairs of a state and a memory can be reached .* evaluate by sampling/
    expect(() => evaluatePolicy(ring, endless, { discount: 0.9 })).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_ENUMERABLE', message: expect.stringMatching(message) as string }),
    )
  })

  it.each<[what: string, change: Partial<Policy>, message: RegExp]>([
    [
      'memory of draws',
      { act: (batch, rng, out) => void out.fill(0, 0, batch.memory!.fill(rng.uniform()).length) },
      /depends on what it draws/,
    ],
    [
      'probabilities that write',
      { probabilities: (batch, out) => void out.fill(0.5, 0, batch.memory!.fill(1).length * 2) },
      /`probabilities` changed the memory/,
    ],
    ['NaN', { act: (batch) => void batch.memory!.fill(Number.NaN) }, /memory holds NaN/],
    ['no size', { memory: { size: 0 } }, /policy.memory.size: expected .* at least 1, got 0/],
    [
      'another start',
      { memory: { size: 1, initial: Float32Array.of(0, 0, 0) } },
      /memory.initial: expected a Float32Array of 1 numbers .* got 3/,
    ],
  ])('refuses a policy that does not keep to the contract: %s', (_, change, message) => {
    const half: Policy = {
      observes: 'local',
      memory: { size: 1 },
      act: (_batch, _rng, out) => void out.fill(0),
      probabilities: (_batch, out) => void out.fill(0.5),
    }
    expect(() => evaluatePolicy(choice, { ...half, ...change }, { discount: 0.9 })).toThrow(message)
  })
})
