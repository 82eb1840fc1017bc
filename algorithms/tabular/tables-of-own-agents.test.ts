import { describe, expect, it } from 'vitest'
import { BundleError, NotEnumerableError, SpaceError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { box } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { VectorEnv } from '#env/vector-env.js'
import type { LearnerEntry } from '../learner.js'
import { learners } from '../learners.js'
import { leastSquaresQ } from '../linear/least-squares-q.js'
import { loadLinearPolicy } from '../linear/linear-policy.js'
import { linearQ } from '../linear/linear-q.js'
import { replayLeastSquares } from '../linear/replay-least-squares.js'
import { contextFor, makeLearner, trainFor } from '../testing/make-learner.js'
import { AgentTables } from './agent-tables.js'
import { independentQ } from './independent-q.js'
import { loadTabularPolicy } from './load-tabular-policy.js'

/** The contrary team, of which one agent is described otherwise. */
function teamWith(agent: number, other: Partial<EnvSpec['agents'][number]>) {
  const env = new ContraryTeam()
  const agents = env.spec.agents.map((own, i) => (i === agent ? { ...own, ...other } : own))
  return Object.assign(env, { spec: { ...env.spec, agents } })
}

/** The anchor's observations have no numbers. */
const unnumbered = () => teamWith(0, { numObservations: 0 })
const { spec } = unnumbered()
const tabular = learners.filter(({ name, forms }) => {
  const table = ['independent-q', 'hysteretic-q', 'double-q', 'sarsa', 'expected-sarsa', 'n-step-q']
  return (
    [...table, 'q-lambda', 'distributed-q', 'lenient-q', 'decomposed-q'].includes(name) && forms.arrays !== undefined
  )
})

function trained(entry: LearnerEntry, make: () => ContraryTeam, agents: readonly number[]) {
  const env = new VectorEnv(make, 3, 'own')
  const learner = makeLearner(entry, contextFor(env, { agents, rng: new Rng('own') }), { exploration: 0.5 })
  env.reset()
  trainFor(env, learner, 100)
  return { env, learner }
}

describe('tables of some agents of a team', () => {
  it('ask nothing of the others, who have no rows', () => {
    const { count, offset } = new AgentTables(spec, [1, 2])
    expect([...count]).toEqual([0, 4, 24])
    expect([...offset]).toEqual([0, 0, 16, 112])
    expect(() => new AgentTables(spec)).toThrowError(NotEnumerableError)
    expect(() => new AgentTables(spec, [0])).toThrowError(/agent "anchor" has no numbered observations/)
  })

  it.each(tabular.map((entry) => [entry.name, entry] as const))(
    '%s learns them, and its policy comes back',
    (_, entry) => {
      const { env, learner } = trained(entry, unnumbered, [1, 2])
      const policy = learner.policy()
      const stored = policy.export!()
      expect(stored.details).toEqual({ tables: 'independent', agents: [1, 2] })
      expect(Object.entries(stored.tensors).map(([name, { shape }]) => [name, ...shape])).toEqual([
        ['q.1', 4, 4],
        ['q.2', 24, 4],
      ])
      const [first, again] = [policy, loadTabularPolicy(stored, spec)].map((one) => {
        const out = new Int32Array(9).fill(9)
        const scores = new Float64Array(36)
        one.act(env.current, new Rng('unused'), out)
        one.scores!(env.current, scores)
        return { out: [...out], scores: [...scores] }
      })
      expect(again!.out).toEqual(first!.out)
      for (const row of [0, 1, 2]) {
        expect(first!.out[3 * row]).toBe(0)
        expect(first!.scores.slice(12 * row, 12 * row + 4)).toEqual(new Array(4).fill(Number.NEGATIVE_INFINITY))
        expect(first!.scores.slice(12 * row + 8, 12 * row + 12).some(Number.isFinite)).toBe(
          env.current.alive[3 * row + 2] === 1,
        )
      }
    },
  )

  it('are exported for whole teams as ever: a tensor for each agent, and no word of whose they are', () => {
    const { learner } = trained(independentQ, () => new ContraryTeam(), [0, 1, 2])
    const { details, tensors } = learner.policy().export!()
    expect(details).toEqual({ tables: 'independent' })
    expect(Object.keys(tensors)).toEqual(['q.0', 'q.1', 'q.2'])
  })

  it('come back from bundles of before, which held tables of everyone for some agents too', () => {
    const { env, learner } = trained(independentQ, () => new ContraryTeam(), [0, 1, 2])
    const policy = learner.policy()
    const out = [policy, loadTabularPolicy(policy.export!(), env.spec)].map((one) => {
      const actions = new Int32Array(9)
      one.act(env.current, new Rng('unused'), actions)
      return [...actions]
    })
    expect(out[1]).toEqual(out[0])
    expect(out[0]!.some((action) => action > 0)).toBe(true)
  })

  it.each([[[]], [[2, 1]], [[1, 3]], ['1']])('are refused for the agents %j', (agents) => {
    const stored = { kind: 'tabular', details: { tables: 'independent', agents }, tensors: {} }
    expect(() => loadTabularPolicy(stored, spec)).toThrowError(BundleError)
  })
})

describe('linear weights of some agents of a team', () => {
  /** The visitor sees nothing. */
  const blind = () => teamWith(1, { observation: box(0) })

  it.each([
    ['linear-q', linearQ],
    ['least-squares-q', leastSquaresQ],
    ['replay-least-squares', replayLeastSquares],
  ])('%s asks nothing of the others, and its policy comes back', (_, entry) => {
    const { env, learner } = trained(entry, blind, [0, 2])
    learner.finish?.()
    const policy = learner.policy()
    const stored = policy.export!()
    expect(Object.keys(stored.tensors)).toEqual(['weights.0', 'weights.2'])
    const [first, again] = [policy, loadLinearPolicy(stored, blind().spec)].map((one) => {
      const out = new Int32Array(9).fill(9)
      const scores = new Float64Array(36)
      one.act(env.current, new Rng('unused'), out)
      one.scores!(env.current, scores)
      return { out: [...out], scores: [...scores] }
    })
    expect(again).toEqual(first)
    expect([first!.out[1], first!.out[4], first!.out[7]]).toEqual([0, 0, 0])
    expect(first!.scores.slice(4, 8)).toEqual(new Array(4).fill(Number.NEGATIVE_INFINITY))
    expect(() => trained(entry, blind, [0, 1, 2])).toThrowError(SpaceError)
  })
})
