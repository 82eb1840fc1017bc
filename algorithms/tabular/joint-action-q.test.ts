import { describe, expect, it } from 'vitest'
import { NotEnumerableError, ShapeError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { jointActionQ } from './joint-action-q.js'
import { arrayOf, madeLearner } from './testing/made-learner.js'
import { madeSpec, madeStep, madeViews } from './testing/made-step.js'

const none = Number.NEGATIVE_INFINITY
/** Joint actions of 2 and 2: 00 01 10 11; discount and step size 0.5. */
const spec = madeSpec([2, 2])
const over = { ends: 'terminated' } as const

/** A generator that gives these numbers, one after the other. */
class GivenRng extends Rng {
  readonly #given: number[]
  constructor(...given: number[]) {
    super('given')
    this.#given = given
  }
  override uniform(): number {
    return this.#given.shift()!
  }
}

describe('joint-action Q', () => {
  it('needs numbered states', () => {
    const stateless = madeSpec([2, 2], 4, { numStates: 0 })
    expect(() => madeLearner(jointActionQ, stateless)).toThrowError(
      new NotEnumerableError('joint-action-q: made has no numbered states, which a table needs'),
    )
    expect(() => madeLearner(jointActionQ, madeSpec([2, 2], 4, { numStates: 1 }))).not.toThrow()
  })

  it('refuses a state without a number', () => {
    for (const state of [-1, 4]) {
      const act = () => madeLearner(jointActionQ, spec).act(madeViews(spec, [{ state }]), new Int32Array(2))
      expect(act).toThrowError(
        new ShapeError(`made: it is in state ${state}, expected stateId in 0..3; check the environment's numbering`),
      )
    }
  })

  it('draws among the legal joint actions, each as likely, and marks the others when a state is first seen', () => {
    const chosen = (legal: string[], drawn: number) => {
      const learner = madeLearner(jointActionQ, spec, { exploration: 1 }, { rng: new GivenRng(0, drawn) })
      const actions = new Int32Array(2).fill(-7)
      learner.act(madeViews(spec, [{ state: 2, legal }]), actions)
      return { actions: [...actions], values: arrayOf(learner, 'values'), legal: arrayOf(learner, 'legal') }
    }
    const quarters = [0, 0.25, 0.5, 0.75].map((drawn) => chosen(['11', '11'], drawn).actions)
    expect(quarters).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
    const seconds = [0, 0.49, 0.5, 0.99].map((drawn) => chosen(['11', '01'], drawn).actions)
    expect(seconds).toEqual([
      [0, 1],
      [0, 1],
      [1, 1],
      [1, 1],
    ])
    const { values, legal } = chosen(['11', '01'], 0)
    expect(values).toEqual([0, 0, 0, 0, 0, 0, 0, 0, none, 0, none, 0, 0, 0, 0, 0])
    expect(legal).toEqual([0, 0, 2, 0])
  })

  it('reads what is legal from its own row, once a state', () => {
    const learner = madeLearner(jointActionQ, spec, { exploration: 0 }, { rows: 2 })
    const actions = new Int32Array(4).fill(-7)
    learner.act(
      madeViews(spec, [
        { state: 0, legal: ['10', '11'] },
        { state: 1, legal: ['01', '01'] },
      ]),
      actions,
    )
    expect([...actions]).toEqual([0, 0, 1, 1])
    learner.act(madeViews(spec, [{ state: 0 }, { state: 1 }]), actions)
    expect([...actions]).toEqual([0, 0, 1, 1])
    expect(arrayOf(learner, 'legal')).toEqual([2, 1, 0, 0])
    expect(arrayOf(learner, 'values').slice(0, 8)).toEqual([0, 0, none, none, none, none, none, 0])
  })

  it('learns the team’s reward and what the best joint action next is worth', () => {
    const learner = madeLearner(jointActionQ, spec, { initialValue: -1 }, { rows: 2 })
    learner.update(
      madeStep(spec, [
        { state: 1, done: [1, 0], reward: [3, 4], ...over, next: { state: 3, legal: ['01', '01'] } },
        { state: 2, done: [0, 1], reward: [1, 0], ...over, next: { state: 3, legal: ['01', '01'] } },
      ]),
    )
    expect(arrayOf(learner, 'values').slice(4)).toEqual([-1, -1, 3, -1, -1, 0, -1, -1, -1, -1, -1, -1])
    // Nobody looks at what lies past the end.
    expect(arrayOf(learner, 'legal')).toEqual([0, 0, 0, 0])
    learner.update(
      madeStep(spec, [
        { state: 0, done: [1, 1], reward: [1, 1], elapsed: 2, next: { state: 1 } },
        { state: 0, done: [0, 0], reward: [1, 2], next: { state: 1, legal: ['11', '01'] }, ends: 'truncated' },
      ]),
    )
    // 2 + 3/4, and 3 + 3/2: what is legal was read when state 1 was first seen.
    expect(arrayOf(learner, 'values').slice(0, 4)).toEqual([0.5 * (4.5 - 1), -1, -1, 0.5 * (2.75 - 1)])
    expect(arrayOf(learner, 'legal')).toEqual([0, 4, 0, 0])
    expect(learner.metrics!()['td-error']).toBe((8 + 2 + 3.75 + 5.5) / 4)
  })

  it('counts the rewards of its own agents, and a shared one once', () => {
    const first = (team: typeof spec, agents: number[]) => {
      const learner = madeLearner(jointActionQ, team, {}, { agents })
      learner.update(madeStep(team, [{ done: [0, 0], reward: [4, 6], ...over }]))
      return arrayOf(learner, 'values')[0]
    }
    expect(first(spec, [0, 1])).toBe(5)
    expect(first(spec, [1])).toBe(3)
    const shared = madeSpec([2, 2], 4, { score: { aggregate: 'shared', over: 'episode' } })
    expect(first(shared, [0, 1])).toBe(2)
  })

  it('saves its values, what is legal and its errors', () => {
    const learner = madeLearner(jointActionQ, spec)
    learner.update(madeStep(spec, [{ done: [0, 1], reward: [4, 0], ...over }]))
    const { arrays, data } = learner.saveState()
    expect(Object.keys(arrays)).toEqual(['values', 'legal', 'errors'])
    expect([...arrays.errors!]).toEqual([4, 1])
    expect(data.step).toBe(1)
  })
})
