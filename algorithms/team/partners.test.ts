import { describe, expect, it } from 'vitest'
import { StateError } from '#env/errors.js'
import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { isActing, sampleMasked } from '#env/space.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { VectorEnv } from '#env/vector-env.js'
import { random } from '../baselines/random.js'
import { throughBytes } from '../conformance/through-bytes.js'
import type { LearnerEntry } from '../learner.js'
import { independentQ } from '../tabular/independent-q.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { actionsFor, contextFor, makeLearner } from '../testing/make-learner.js'
import { policyConformance } from '../testing/policy-conformance.js'
import { FrozenLearner } from './frozen-learner.js'
import { TeamLearner } from './team-learner.js'
import { TeamPolicy } from './team-policy.js'

const make = () => new ContraryTeam()
const { spec } = make()
const ROWS = 3
const START = [5, 6, 7]

/** Remembers how often each agent acted, from 5, 6 and 7 on, and takes the legal action of that rank, over and over. */
const counting: Policy = {
  observes: 'local',
  memory: { size: 1, initial: Float32Array.from(START) },
  act({ size, mask, memory, layout: { agents, numActions: n } }, _, out) {
    for (let k = 0; k < size * agents; k++) {
      out[k] = 0
      if (!isActing(mask, k * n, n)) continue
      const legal = [...mask.subarray(k * n, (k + 1) * n).keys()].filter((a) => mask[k * n + a] === 1)
      out[k] = legal[memory![k]! % legal.length]!
      memory![k]!++
    }
  },
}

/** Draws every action, and remembers two other numbers an agent. */
const drawing: Policy = {
  observes: 'local',
  memory: { size: 2, initial: Float32Array.of(1, 2, 3, 4, 5, 6) },
  act({ size, mask, memory, layout: { agents, numActions: n } }, rng, out) {
    for (let k = 0; k < size * agents; k++) {
      out[k] = Math.max(0, sampleMasked(mask, k * n, n, rng))
      if (isActing(mask, k * n, n)) memory![2 * k + 1] = memory![2 * k + 1]! + memory![2 * k]!
    }
  },
  probabilities({ mask, layout: { numActions: n } }, out) {
    mask.forEach((legal, k) => {
      const first = k - (k % n)
      const all = mask.subarray(first, first + n).reduce((sum, one) => sum + one, 0)
      out[k] = all === 0 ? 0 : legal / all
    })
  },
}

const frozen = (policy: Policy) => {
  const env = new VectorEnv(make, ROWS, 'frozen')
  const learner = new FrozenLearner(contextFor(env, { rng: new Rng('frozen/partner') }), policy)
  const actions = actionsFor(env)
  env.reset()
  return {
    env,
    learner,
    step: () => {
      learner.act(env.current, actions)
      const acted = [...env.current.alive]
      learner.update(env.step(actions))
      return { actions: [...actions], acted, ended: [...env.transition.ended] }
    },
    memory: () => [...(learner.saveState().arrays.memory as Float32Array)],
  }
}

describe('a partner that stays as it is', () => {
  it('remembers within an episode, and begins each anew', () => {
    const { step, memory } = frozen(counting)
    let expected = [...START, ...START, ...START]
    let begun = 0
    for (let t = 0; t < 100; t++) {
      const { acted, ended } = step()
      expected = expected.map((count, k) => (ended[Math.floor(k / 3)] === 1 ? START[k % 3]! : count + acted[k]!))
      begun += ended.reduce((sum, end) => sum + end, 0)
      expect(memory()).toEqual(expected)
    }
    expect(begun).toBeGreaterThan(20)
  })

  it.each([
    ['remembers', counting],
    ['draws', drawing],
    ['draws and remembers nothing', random.create({ spec, envConfig: {} }, {})],
  ])('goes on from a saved state as if it had never stopped, where it %s', (_, policy) => {
    const going = frozen(policy)
    for (let t = 0; t < 23; t++) going.step()
    const saved = throughBytes(going.learner.saveState())
    const resumed = frozen(policy)
    for (let t = 0; t < 7; t++) resumed.step()
    resumed.env.loadState(JSON.parse(JSON.stringify(going.env.saveState())))
    resumed.learner.loadState(saved)
    expect(resumed.memory()).toEqual(going.memory())
    const [whole, cut] = [going, resumed].map(({ step }) => Array.from({ length: 20 }, () => step().actions))
    expect(cut).toEqual(whole)
    expect(new Set(whole!.flat()).size).toBeGreaterThan(2)
  })

  it("refuses another partner's memory", () => {
    const { learner } = frozen(counting)
    const { data } = learner.saveState()
    expect(() => learner.loadState({ arrays: { memory: new Float32Array(2) }, data })).toThrowError(StateError)
    expect(() => learner.loadState({ arrays: {}, data })).toThrowError(/expected 9 remembered numbers, got none/)
  })
})

describe('a learner beside a partner that remembers and one that draws', () => {
  const beside: LearnerEntry = {
    ...independentQ,
    name: 'beside',
    forms: {
      arrays: (context, config) => {
        const own = (agents: number[], label: string) => ({ ...context, agents, rng: context.rng.fork(label) })
        return new TeamLearner(context.spec, context.rows, [
          { agents: [0], learner: makeLearner(independentQ, own([0], 'seat-0'), config as object) },
          { agents: [1], learner: new FrozenLearner(own([1], 'seat-1'), counting) },
          { agents: [2], learner: new FrozenLearner(own([2], 'seat-2'), drawing) },
        ])
      },
    },
  }
  learnerConformance(beside, make)
})

describe('a team of policies', () => {
  const team = () =>
    new TeamPolicy(spec, [
      { agents: [1, 2], policy: counting },
      { agents: [0], policy: drawing },
    ])
  describe('that remember differently', () => policyConformance(spec, team))

  it("begins with each agent's own memory, part by part", () => {
    expect(team().memory!.size).toBe(3)
    expect([...team().memory!.initial!]).toEqual([5, 1, 2, 6, 3, 4, 7, 5, 6])
  })

  it('is certain of what those do that draw nothing', () => {
    const env = new VectorEnv(make, 20, 'certain')
    const { mask } = env.current
    env.reset()
    const memory = Float32Array.from({ length: 180 }, (_, m) => team().memory!.initial![m % 9]!)
    const batch = { ...env.current, memory }
    const told = new Float64Array(240)
    team().probabilities!(batch, told)
    const out = new Int32Array(60)
    team().act({ ...batch, memory: memory.slice() }, new Rng('certain'), out)
    const seen = new Set<number>()
    for (let k = 0; k < 60; k++) {
      if (!isActing(mask, 4 * k, 4) || k % 3 === 0) continue
      seen.add(out[k]!)
      expect([...told.subarray(4 * k, 4 * k + 4)]).toEqual([0, 1, 2, 3].map((a) => (a === out[k] ? 1 : 0)))
    }
    expect(seen.size).toBeGreaterThan(2)
  })
})
