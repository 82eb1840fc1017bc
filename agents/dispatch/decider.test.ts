import { describe, expect, it } from 'vitest'
import type { Policy } from '#env/policy.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { DispatchState } from '#env/routing-dispatch/dispatch-state.js'
import { DispatchView } from '#env/routing-dispatch/dispatch-view.js'
import { dispatchRules } from '#env/routing-dispatch/rules.js'
import { stateIndex } from '#env/routing-dispatch/state-index.js'
import { Decider } from './decider.js'

/** Those named claim where they may. */
const claiming = (...who: number[]): Policy => ({
  observes: 'local',
  act: ({ mask }, _, out) => {
    out.fill(0)
    for (const i of who) out[i] = mask[2 * i + 1]!
  },
})

/** Three agents, a query in the inbox, those named down. */
function decider(policy: Policy, epsilon: number, down: readonly number[] = []): Decider {
  const config = routingDispatchConfig.parse({})
  const rules = dispatchRules(config)
  const state = new DispatchState(rules)
  const view = new DispatchView(config, rules, stateIndex(config), state)
  state.arrive(0)
  for (const i of down) state.down[i] = 1
  return new Decider(policy, view, { seed: 'exploring', epsilon })
}

/** By what was decided: how often, whether it may be exploring, and the chance that is told. */
function decisions(one: Decider, count: number) {
  const seen = new Map<string, { times: number; propensities: Set<string> }>()
  for (let k = 0; k < count; k++) {
    one.decide()
    const key = one.actions.join('')
    const entry = seen.get(key) ?? { times: 0, propensities: new Set() }
    entry.times++
    entry.propensities.add(one.propensity().toFixed(12))
    seen.set(key, entry)
  }
  return Object.fromEntries([...seen].map(([key, { times, propensities }]) => [key, [times / count, ...propensities]]))
}

describe('the chance of a decision', () => {
  const near = (share: number) => expect.closeTo(share, 1)

  it('is that of the policy and of exploring together, whichever of the two it came from', () => {
    // One of four, or nobody: .3 / 4 each, and .7 more for agent 1.
    expect(decisions(decider(claiming(1), 0.3), 2000)).toEqual({
      '010': [near(0.775), '0.775000000000'],
      '100': [near(0.075), '0.075000000000'],
      '001': [near(0.075), '0.075000000000'],
      '000': [near(0.075), '0.075000000000'],
    })
    // Agent 0 is down: one of three.
    expect(decisions(decider(claiming(1), 0.3, [0]), 2000)).toEqual({
      '010': [near(0.8), '0.800000000000'],
      '001': [near(0.1), '0.100000000000'],
      '000': [near(0.1), '0.100000000000'],
    })
  })

  it("is the policy's alone where several claim: exploring never has two of them", () => {
    expect(decisions(decider(claiming(0, 2), 0.4), 2000)).toEqual({
      '101': [near(0.6), '0.600000000000'],
      '100': [near(0.1), '0.100000000000'],
      '010': [near(0.1), '0.100000000000'],
      '001': [near(0.1), '0.100000000000'],
      '000': [near(0.1), '0.100000000000'],
    })
  })

  it('is that of its draws, for a policy that draws', () => {
    const drawn: Policy = {
      observes: 'local',
      act: (_, rng, out) => {
        out.fill(0)
        out[0] = rng.uniform() < 0.25 ? 1 : 0
      },
      probabilities: (_, out) => {
        out.set([0.75, 0.25, 1, 0, 1, 0])
      },
    }
    expect(decisions(decider(drawn, 0.2), 2000)).toEqual({
      '100': [near(0.25), '0.250000000000'],
      '000': [near(0.65), '0.650000000000'],
      '010': [near(0.05), '0.050000000000'],
      '001': [near(0.05), '0.050000000000'],
    })
  })
})
