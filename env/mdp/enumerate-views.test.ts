import { describe, expect, it } from 'vitest'
import type { Slot } from '../slot.js'
import type { SparseMatrix } from '../sparse-matrix.js'
import { LeavingTeam } from '../testing/leaving-team.js'
import { LockedDoor } from '../testing/locked-door.js'
import { toJointMdp } from './enumerate.js'

const features: SparseMatrix = {
  rows: 2,
  columns: 5,
  rowStart: Int32Array.of(0, 1, 2),
  index: Int32Array.of(0, 4),
  value: Float32Array.of(1, 1),
}

/** A door that shows other numbers. @param told - of the walker's spec */
function door(write: (slot: Slot) => void, told: object = {}, more: object = {}) {
  const made = new (class extends LockedDoor {
    protected override write() {
      super.write()
      write(this.slot)
    }
  })()
  const agents = [{ ...made.spec.agents[0]!, ...told }]
  return Object.assign(made, { spec: { ...made.spec, agents } }, more)
}
const showing = (observationId: number, told: object = {}) =>
  door((slot) => slot.observationId.fill(observationId), told)
const reading = (featureRow: number, told: object = {}, more: object = {}) =>
  door((slot) => slot.featureRow.fill(featureRow), told, more)
const refusal = (what: string) =>
  expect.objectContaining({
    code: 'ERR_MODEL',
    message: `locked-door: showState(0): ${what}`,
  })

describe('what agents see in a model', () => {
  it.each([-1, 3])('refuses observation %i of three', (id) => {
    expect(() => toJointMdp(showing(id))).toThrow(refusal(`observationId of agent "walker" is ${id}, expected 0..2`))
  })

  it('takes the first and the last observation number', () => {
    for (const id of [0, 2]) expect([...toJointMdp(showing(id)).batch.observationId]).toEqual([id, id, id])
  })

  it.each([-2, 0])('refuses observation %i where there are none, and takes -1', (id) => {
    const none = { numObservations: 0 }
    expect([...toJointMdp(showing(-1, none)).batch.observationId]).toEqual([-1, -1, -1])
    expect(() => toJointMdp(showing(id, none))).toThrow(
      refusal(`observationId of agent "walker" is ${id}, expected -1, as there are none`),
    )
  })

  it('names the agent that sees a wrong number', () => {
    class Confused extends LeavingTeam {
      #own!: Slot
      override bind(slot: Slot) {
        this.#own = slot
        super.bind(slot)
      }
      override showState(state: number) {
        super.showState(state)
        this.#own.observationId[1] = 4
      }
    }
    expect(() => toJointMdp(new Confused())).toThrow(
      'leaving-team: showState(0): observationId of agent "host" is 4, expected 0..3',
    )
  })

  it('gives on the features, and the rows of them that agents see', () => {
    for (const row of [-1, 0, 1]) {
      const { batch } = toJointMdp(reading(row, { numFeatures: 5 }, { features }))
      expect(batch.features).toBe(features)
      expect([...batch.featureRow!]).toEqual([row, row, row])
    }
    expect(toJointMdp(new LockedDoor()).batch).not.toHaveProperty('features')
  })

  it.each([-2, 2])('refuses feature row %i of two', (row) => {
    expect(() => toJointMdp(reading(row, { numFeatures: 5 }, { features }))).toThrow(
      refusal(`featureRow of agent "walker" is ${row}, expected -1..1`),
    )
  })

  it('refuses a feature row of an agent that reads none, and of an environment that has none', () => {
    const none = refusal('featureRow of agent "walker" is 0, expected -1, as there are none')
    expect(() => toJointMdp(reading(0, {}, { features }))).toThrow(none)
    expect(() => toJointMdp(reading(0, { numFeatures: 5 }))).toThrow(none)
    expect(() => toJointMdp(reading(-1, { numFeatures: 5 }))).not.toThrow()
  })

  it('has no wide views written while it looks for states, then those that were asked for', () => {
    const widths: number[][] = []
    class Watched extends LockedDoor {
      override bind(slot: Slot) {
        widths.push([slot.observation.length, slot.state.length])
        super.bind(slot)
      }
    }
    toJointMdp(new Watched())
    toJointMdp(new Watched(), { state: false })
    // One agent of one number, a state of one number; three states.
    expect(widths).toEqual([
      [0, 0],
      ...Array.from({ length: 3 }, () => [1, 1]),
      [0, 0],
      ...Array.from({ length: 3 }, () => [1, 0]),
    ])
  })
})
