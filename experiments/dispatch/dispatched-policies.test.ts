import { describe, expect, it } from 'vitest'
import type { Policy } from '#env/policy.js'
import { claiming, startDispatched } from './testing/dispatched-team.js'

const throws: Policy = {
  observes: 'local',
  act: () => {
    throw new Error('the table has no such row')
  },
}
const outOfRange: Policy = { observes: 'local', act: (_, __, out) => void out.fill(7) }
/** Claims although its queue is full or it is down. */
const illegal: Policy = { observes: 'local', act: (_, __, out) => void out.fill(1) }

describe('a policy that', () => {
  for (const [what, policy, why] of [
    ['throws', throws, 'the table has no such row'],
    ['chooses an action that there is none of', outOfRange, "a: action 7 isn't legal in this state"],
    ['chooses what is not legal', illegal, "a: action 1 isn't legal in this state"],
  ] as const) {
    it(`${what} leaves queries where they are, is told once, and takes nothing down`, async () => {
      const team = await startDispatched(['ok', 'ok'], policy)
      if (policy === illegal) await team.ticks(3)
      else {
        const { answer } = await team.ask('easy')
        await team.ticks(4)
        expect((await answer).status).toBe(503)
      }
      const { dispatch } = await team.status()
      expect(dispatch).toMatchObject({ policyFault: { message: why } })
      expect((dispatch.policyFault as { count: number }).count).toBeGreaterThan(2)
      const told = team.told.filter((line) => line.startsWith('error'))
      expect(told).toHaveLength(1)
      expect(told[0]).toContain(why)
      // Another takes over.
      team.dispatcher.lead(claiming([1]))
      const after = await team.ask('easy')
      await team.ticks(1)
      expect((await after.answer).headers.get('x-cadre-agent')).toBe('b')
      expect((await team.status()).dispatch).toMatchObject({ policyFault: null })
      await team.ticks(1)
      const { reading } = await team.end()
      const reasons = reading.records.flatMap((record) => (record.kind === 'decision' ? record.fields.reason : []))
      expect(reasons).toEqual(
        policy === illegal ? ['policy'] : ['policy-failed', 'policy-failed', 'policy-failed', 'policy'],
      )
    })
  }

  it('has no scores or chances when asked for them is logged without', async () => {
    const fails = (): never => {
      throw new Error('not fitted')
    }
    const team = await startDispatched(['ok', 'ok'], { ...claiming([0]), scores: fails, probabilities: fails })
    const { answer } = await team.ask('easy')
    await team.ticks(1)
    expect((await answer).status).toBe(200)
    await team.ticks(1)
    const { reading } = await team.end()
    const [decision] = [...reading.requests.values()][0]!.decisions
    expect(decision).toMatchObject({ scores: null, propensities: [1, 0, 0], choice: 'a' })
  })

  it('explores: the chance that the choice had is logged, and the environment agrees', async () => {
    const team = await startDispatched(['ok', 'ok'], claiming([0]), {
      team: { exploration: { epsilon: 0.5, seed: 4 } },
      environment: { patience: 20, offersPerTick: 2 },
    })
    for (let k = 0; k < 30; k++) {
      await team.ask(k % 2 === 0 ? 'easy' : 'hard')
      await team.ticks(1)
    }
    await team.ticksUntil(() => team.dispatcher.core.state.waiting === 0)
    await team.ticks(3)
    const { reading } = await team.end()
    const decisions = reading.records.flatMap((record) => (record.kind === 'decision' ? record.fields : []))
    expect(new Set(decisions.map(({ reason }) => reason))).toEqual(new Set(['policy', 'explored']))
    for (const { choice, actions, propensities } of decisions) {
      // a or nobody or b: half of the time as the policy says, else all alike.
      const chance = propensities[actions.indexOf(choice!)]!
      expect([1 / 6, 1 / 4, 1 / 2, 2 / 3, 3 / 4, 1].some((p) => Math.abs(p - chance) < 1e-9)).toBe(true)
    }
  })
})
