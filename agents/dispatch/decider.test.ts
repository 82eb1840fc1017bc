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
function decider(policy: Policy, epsilon: number, down: readonly number[] = [], settings: object = {}): Decider {
  const config = routingDispatchConfig.parse(settings)
  const rules = dispatchRules(config)
  const state = new DispatchState(rules)
  const view = new DispatchView(config, rules, stateIndex(config), state)
  state.arrive(0)
  for (const i of down) state.down[i] = 1
  return new Decider(policy, view, { seed: 'exploring', epsilon })
}

/** By what was decided: how often, and the chances that were told of it: of agents 0, 1, 2, and of nobody. */
function decisions(one: Decider, count: number) {
  const seen = new Map<string, { times: number; told: Set<string> }>()
  for (let k = 0; k < count; k++) {
    one.decide()
    const key = one.actions.join('')
    const entry = seen.get(key) ?? { times: 0, told: new Set() }
    entry.times++
    entry.told.add([...one.propensities()].map((chance) => Number(chance.toFixed(12))).join(' '))
    seen.set(key, entry)
  }
  return Object.fromEntries([...seen].map(([key, { times, told }]) => [key, [times / count, ...told]]))
}

describe('the chances of a decision', () => {
  const near = (share: number) => expect.closeTo(share, 1)

  it('are those of the policy and of exploring together, whichever of the two it came from', () => {
    // One of four, or nobody: .3 / 4 each, and .7 more for agent 1.
    const all = '0.075 0.775 0.075 0.075'
    expect(decisions(decider(claiming(1), 0.3), 2000)).toEqual({
      '010': [near(0.775), all],
      '100': [near(0.075), all],
      '001': [near(0.075), all],
      '000': [near(0.075), all],
    })
    // Agent 0 is down: one of three.
    const two = '0 0.8 0.1 0.1'
    expect(decisions(decider(claiming(1), 0.3, [0]), 2000)).toEqual({
      '010': [near(0.8), two],
      '001': [near(0.1), two],
      '000': [near(0.1), two],
    })
  })

  it('share a query among those that claim it, as its winner is drawn; exploring never has two of them', () => {
    expect(decisions(decider(claiming(0, 2), 0), 10)).toEqual({ '101': [1, '0.5 0 0.5 0'] })
    const all = '0.4 0.1 0.4 0.1'
    expect(decisions(decider(claiming(0, 2), 0.4), 2000)).toEqual({
      '101': [near(0.6), all],
      '100': [near(0.1), all],
      '010': [near(0.1), all],
      '001': [near(0.1), all],
      '000': [near(0.1), all],
    })
  })

  it('are those of its draws, for a policy that draws', () => {
    const drawn: Policy = {
      observes: 'local',
      act: (_, rng, out) => {
        out[0] = rng.uniform() < 0.25 ? 1 : 0
        out[1] = 1
        out[2] = 0
      },
      probabilities: (_, out) => {
        out.set([0.75, 0.25, 0, 1, 1, 0])
      },
    }
    // Alone agent 1 has it, with agent 0 each has half of it.
    const all = '0.15 0.75 0.05 0.05'
    expect(decisions(decider(drawn, 0.2), 2000)).toEqual({
      '110': [near(0.2), all],
      '010': [near(0.65), all],
      '100': [near(0.05), all],
      '001': [near(0.05), all],
      '000': [near(0.05), all],
    })
  })

  it("are a central dispatcher's own", () => {
    const second: Policy = { observes: 'global', act: (_, __, out) => void out.fill(2) }
    const all = '0.1 0.7 0.1 0.1'
    const seen = decisions(decider(second, 0.4, [], { control: 'centralised' }), 2000)
    expect(seen).toEqual({ 0: [near(0.1), all], 1: [near(0.1), all], 2: [near(0.7), all], 3: [near(0.1), all] })
    const drawn: Policy = {
      observes: 'global',
      act: (_, rng, out) => void out.fill(rng.uniform() < 0.5 ? 3 : 0),
      probabilities: (_, out) => void out.set([0.5, 0, 0, 0.5]),
    }
    expect(decisions(decider(drawn, 0, [], { control: 'centralised' }), 2000)).toEqual({
      0: [near(0.5), '0 0 0.5 0.5'],
      3: [near(0.5), '0 0 0.5 0.5'],
    })
  })

  it('follow from what the policy remembered when it decided', () => {
    // Claims with what it remembers: 1, then 0, then 1.
    const alternating: Policy = {
      observes: 'local',
      memory: { size: 1, initial: Float32Array.of(1, 1, 1) },
      act: ({ memory }, _, out) => {
        out.set([memory![0]!, 0, 0])
        memory!.fill(1 - memory![0]!)
      },
      probabilities: ({ memory }, out) => void out.set([1 - memory![0]!, memory![0]!, 1, 0, 1, 0]),
      scores: ({ memory }, out) => void out.set([0, memory![0]!, 0, 0, 0, 0]),
    }
    const one = decider(alternating, 0)
    const told = Array.from({ length: 3 }, () => {
      one.decide()
      return [one.actions[0], one.propensities()[0], one.scores()![1]]
    })
    expect(told).toEqual([
      [1, 1, 1],
      [0, 0, 0],
      [1, 1, 1],
    ])
  })
})
