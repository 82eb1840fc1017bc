import { describe, expect, it } from 'vitest'
import type { Slot } from '../slot.js'
import { LeavingTeam } from '../testing/leaving-team.js'
import { toJointMdp } from './enumerate.js'
import type { TransitionSink } from './transition-sink.js'

/** In state 1 nobody is there; joint actions that its model was asked about are noted. */
class Deserted extends LeavingTeam {
  readonly asked: number[][] = []
  #own!: Slot

  override bind(slot: Slot) {
    this.#own = slot
    super.bind(slot)
  }

  override showState(state: number) {
    super.showState(state)
    if (state === 1) this.#own.mask.fill(0)
  }

  override transitions(state: number, jointAction: Int32Array, sink: TransitionSink) {
    this.asked.push([state, ...jointAction])
    super.transitions(state, jointAction, sink)
  }
}

describe('toJointMdp of agents that are away', () => {
  it('lets an agent that has left play 0 only', () => {
    const { rowStart } = toJointMdp(new LeavingTeam())
    // The guest acts in state 0; states 1 and 2 are left to the host, whose two actions come first.
    expect([...rowStart]).toEqual([0, 1, 2, 3, 4, 5, 6, 6, 6, 7, 8, 8, 8, 8, 8, 8, 8])
  })

  it('goes on where nobody acts in an open team, all of whose agents play 0', () => {
    const team = new Deserted()
    const { rowStart } = toJointMdp(Object.assign(team, { spec: { ...team.spec, open: true } }))
    expect([...rowStart]).toEqual([0, 1, 2, 3, 4, 5, 5, 5, 5, 6, 7, 7, 7, 7, 7, 7, 7])
    expect(team.asked).toEqual([
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [0, 1, 1],
      [1, 0, 0],
      [2, 0, 0],
      [2, 0, 1],
    ])
  })

  it.each([false, undefined])('refuses a live state where nobody acts in a team that is not open (%s)', (open) => {
    const team = new Deserted()
    expect(() => toJointMdp(Object.assign(team, { spec: { ...team.spec, open } }))).toThrow(
      expect.objectContaining({ code: 'ERR_MODEL', message: "state 1 has no legal action and isn't terminal" }),
    )
  })
})
