import { describe, expect, it } from 'vitest'
import type { Env } from '../env.js'
import { LeavingTeam } from '../testing/leaving-team.js'
import { LockedDoor } from '../testing/locked-door.js'
import { toJointMdp, toMdp } from './enumerate.js'
import type { TransitionSink } from './transition-sink.js'

/** A door all of whose rows have the same outcomes. @param more - of its spec */
function door(row: (sink: TransitionSink, state: number) => void, more: object = {}): Env {
  const made = new (class extends LockedDoor {
    override transitions(state: number, _: Int32Array, sink: TransitionSink) {
      row(sink, state)
    }
  })()
  return Object.assign(made, { spec: { ...made.spec, ...more } })
}
const refusal = (problem: string) =>
  expect.objectContaining({ code: 'ERR_MODEL', message: `locked-door: state 0 action 0: ${problem}` })

describe('outcomes that an environment declares', () => {
  it.each<[string, (sink: TransitionSink) => void]>([
    ['successor -1 lies outside 0..2', (sink) => sink.add(-1, 1, [0], false)],
    ['successor 3 lies outside 0..2', (sink) => sink.add(3, 1, [0], false)],
    ['successor 0 has probability 1.5, expected a number in 0..1', (sink) => sink.add(0, 1.5, [0], false)],
    ['successor 0 has probability -0.5, expected a number in 0..1', (sink) => sink.add(0, -0.5, [0], false)],
    [
      'expected 1 rewards in an array, one an agent, got undefined',
      (sink) => sink.add(0, 1, undefined as unknown as number[], false),
    ],
    ['expected 1 rewards in an array, one an agent, got 2', (sink) => sink.add(0, 1, [1, 2], false)],
    ['probabilities sum to 0.75, expected 1', (sink) => sink.add(0, 0.75, [0], false)],
  ])('are refused: %s', (problem, row) => {
    expect(() => toMdp(door(row))).toThrow(refusal(problem))
  })

  it('are refused with too few costs, all of which are named', () => {
    const costs = ['keys', 'oil']
    expect(() => toMdp(door((sink) => sink.add(0, 1, [0], false, 1, [5]), { costs }))).toThrow(
      refusal('expected 2 costs (spec.costs names keys, oil), got 1'),
    )
  })

  it.each([-1, 1])('may be off by rounding, and no more (%i)', (side) => {
    const off = (by: number) => () =>
      toMdp(
        door((sink) => {
          sink.add(0, 0.5, [0], false)
          sink.add(0, 0.5 + side * by, [0], false)
        }),
      )
    expect(off(0.9e-9)).not.toThrow()
    expect(off(1.1e-9)).toThrow(/probabilities sum to/)
  })

  it('leave out times and costs where there are none', () => {
    const mdp = toMdp(new LockedDoor())
    expect(mdp).not.toHaveProperty('elapsed')
    expect(mdp).not.toHaveProperty('costs')
  })

  it('may be a hair above certain, alone', () => {
    expect(() => toMdp(door((sink) => sink.add(0, 1 + 1e-12, [0], false)))).not.toThrow()
    expect(() => toMdp(door((sink) => sink.add(0, 1 + 2e-12, [0], false)))).toThrow(/has probability 1\.000000000002/)
  })

  it('lead nowhere where their probability is 0, even to a state that would end elsewhere', () => {
    const mdp = toMdp(
      door((sink, state) => {
        sink.add(1, 0, [100], true)
        sink.add(state, 1, [1], false)
      }),
    )
    expect([...mdp.stateIds]).toEqual([0])
    expect([...mdp.successor]).toEqual([0, 0])
    expect([...mdp.reward]).toEqual([1, 1, 0])
  })

  it("of a single agent are its rewards, whatever makes the team's score", () => {
    const { reward, agentReward } = toJointMdp(
      door((sink) => sink.add(0, 1, [3], false), { score: { aggregate: 'team-sum', over: 'episode' } }),
    )
    expect([...reward]).toEqual([3, 3, 0])
    expect(agentReward).toHaveLength(1)
    expect(agentReward[0]).toBe(reward)
  })

  it('of a row are kept apart from those of the next, agent by agent', () => {
    class Paid extends LeavingTeam {
      override transitions(state: number, actions: Int32Array, sink: TransitionSink) {
        super.transitions(state, actions, { add: (next, p, _, end) => sink.add(next, p, [state + 1, 10], end) })
      }
    }
    const { reward, agentReward } = toJointMdp(new Paid())
    const legal = [0, 1, 2, 3, 4, 5, 8, 9]
    expect(legal.map((row) => agentReward[0]![row])).toEqual([1, 1, 1, 1, 2, 2, 3, 3])
    expect(legal.map((row) => agentReward[1]![row])).toEqual(legal.map(() => 10))
    expect(legal.map((row) => reward[row])).toEqual([11, 11, 11, 11, 12, 12, 13, 13])
  })
})
