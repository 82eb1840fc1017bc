import { describe, expect, it } from 'vitest'
import { toJointMdp } from '#env/mdp/enumerate.js'
import type { Policy, PolicyBatch } from '#env/policy.js'
import { LeavingTeam } from '#env/testing/leaving-team.js'
import { checkPolicy } from '../conformance/check-policy.js'
import { TeamPolicy } from '../team/team-policy.js'
import { evaluatePolicy } from './policy-evaluation.js'

const make = () => new LeavingTeam()
const { spec } = make()
const model = toJointMdp(make())
const gamma = 0.9
const worth = (policy: Policy) => evaluatePolicy(model, policy, { discount: gamma, epsilon: 1e-12 }).start
const acts = ({ mask }: PolicyBatch, k: number) => mask[2 * k] === 1 || mask[2 * k + 1] === 1

/** Works half of the time; `row` is what it says of whoever is away, null: it writes nothing there. */
const drawing = (row: readonly [number, number] | null): Policy => ({
  observes: 'local',
  act(batch, rng, out) {
    for (let k = 0; k < out.length; k++) out[k] = acts(batch, k) && rng.uniform() < 0.5 ? 1 : 0
  },
  probabilities(batch, out) {
    for (let k = 0; k < batch.size * batch.layout.agents; k++) {
      if (acts(batch, k)) out.set([0.5, 0.5], 2 * k)
      else if (row !== null) out.set(row, 2 * k)
    }
  },
})

/** Does the same always; whoever is away "does" `away`. */
const steady = (action: number, away: number): Policy => ({
  observes: 'local',
  act(batch, _, out) {
    for (let k = 0; k < out.length; k++) out[k] = acts(batch, k) ? action : away
  },
})

const halfTheTime = 1.5 + 0.5 * (1 + gamma + gamma ** 2)
const always = 3 + 1 + gamma + gamma ** 2

describe('what a policy says of agents that are away', () => {
  it.each<[string, [number, number] | null]>([
    ['zeros', [0, 0]],
    ['nothing', null],
    ['action 0 for certain', [1, 0]],
    ['action 1 for certain', [0, 1]],
    ['no distribution', [0.3, 0.9]],
    ['a negative number', [-1, 2]],
    ['NaN', [Number.NaN, Number.NaN]],
  ])('is not read by exact evaluation, nor by the check of policies: %s', (_, row) => {
    expect(worth(drawing(row))).toBeCloseTo(halfTheTime, 10)
    expect(checkPolicy('half', () => drawing(row), make).checks.filter(({ ok }) => !ok)).toEqual([])
  })

  it('counts as action 0 in what it does: -1 means the same, and nothing else reaches the model', () => {
    for (const away of [0, -1, 1]) expect(worth(steady(1, away))).toBeCloseTo(always, 10)
    expect(checkPolicy('always', () => steady(1, -1), make).ok).toBe(true)
  })

  it('is still held to its rules where the agent acts', () => {
    const half: Policy = { ...drawing(null), probabilities: (_, out) => out.fill(0.25) }
    expect(() => worth(half)).toThrowError(/agent 0: the policy's probabilities sum to 0.5, expected 1/)
  })

  it('leaves the certainty of others alone in a team of which only one draws', () => {
    const team = new TeamPolicy(spec, [
      { agents: [0], policy: drawing(null) },
      { agents: [1], policy: steady(1, -1) },
    ])
    expect(worth(team)).toBeCloseTo(1.5 + 1 + gamma + gamma ** 2, 10)
    const resting = new TeamPolicy(spec, [
      { agents: [0], policy: drawing(null) },
      { agents: [1], policy: steady(0, -1) },
    ])
    expect(worth(resting)).toBeCloseTo(1.5, 10)
    const turned = new TeamPolicy(spec, [
      { agents: [0], policy: steady(1, -1) },
      { agents: [1], policy: drawing([0, 0]) },
    ])
    expect(worth(turned)).toBeCloseTo(3 + 0.5 * (1 + gamma + gamma ** 2), 10)
  })
})
