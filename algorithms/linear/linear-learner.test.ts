import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { multiDiscrete } from '#env/space.js'
import type { LinearLearner } from './linear-learner.js'
import { greedy, unsure } from './testing/given-weights.js'
import { pair, pairFeatures, seen } from './testing/pair.js'
import { stepByHand, viewsByHand } from './testing/step-by-hand.js'

describe('what a linear learner learns towards', () => {
  it('is the reward and the discounted value of what follows, by legal actions only', () => {
    const learner = unsure()
    const mask = [0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0]
    learner.update(
      stepByHand(pair, 2, { reward: [1, 2, 3, 4], after: { ...seen, mask }, elapsed: [1, 2] }, pairFeatures),
    )
    // Best values that follow: 0.5, 3; 2, 3. Discounts 0.5, and 0.25 after two units of time.
    expect(learner.learned).toEqual([
      { targets: [1 + 0.5 * 0.5, 2 + 0.5 * 3, 3 + 0.25 * 2, 4 + 0.25 * 3], discounts: [0.5, 0.5, 0.25, 0.25] },
    ])
    expect(learner.taken).toBe(2)
  })

  it('is the reward alone where nothing follows, whatever would be seen there', () => {
    const learner = unsure()
    const endless = Number.POSITIVE_INFINITY
    const observation = [endless, endless, endless, 7, 0.25, 0, 3, 7]
    const after = { featureRow: [0, -1, 1, -1], observation, alive: [1, 1, 1, 0] }
    learner.update(stepByHand(pair, 2, { reward: [1, 2, 3, 4], after, terminated: [1, 0] }, pairFeatures))
    // The first row has ended; in the second the looker is gone.
    expect(learner.learned).toEqual([{ targets: [1, 2, 3 + 0.5 * 3, 4], discounts: [0, 0, 0.5, 0] }])
  })
})

describe('what a linear learner tells', () => {
  it('is the mean size of errors since the last call, the largest weight and what it tries', () => {
    const learner = unsure({ rule: 'epsilon-greedy', amount: 0.25 })
    expect(learner.metrics()).toEqual({ 'weight-max': 100, epsilon: 0.25 })
    learner.note(3)
    learner.note(-1)
    learner.weights[1]![2] = -250
    expect(learner.metrics()).toEqual({ 'td-error': 2, 'weight-max': 250, epsilon: 0.25 })
    expect(learner.metrics()).not.toHaveProperty('td-error')
    learner.note(-5)
    expect(learner.metrics()['td-error']).toBe(5)
  })

  it('is of its own agents only', () => {
    const learner = unsure({ rule: 'draw', amount: 3 }, { agents: [1] })
    expect(learner.metrics()).toEqual({ 'weight-max': 4, 'exploration-width': 3 })
  })
})

describe('the policy and state of a linear learner', () => {
  it('is greedy by the same weights', () => {
    const learner = unsure({ rule: 'epsilon-greedy', amount: 1 })
    const actions = new Int32Array(4)
    learner.policy().act(viewsByHand(pair, 2, seen, pairFeatures), new Rng('unused'), actions)
    expect([...actions]).toEqual([0, 1, 2, 0])
    learner.weights[1]!.fill(0)
    learner.policy().act(viewsByHand(pair, 2, seen, pairFeatures), new Rng('unused'), actions)
    expect([...actions]).toEqual([0, 0, 2, 0])
  })

  it('names the arrays of its agents by their numbers, and goes back to them', () => {
    const learner = unsure()
    learner.update(stepByHand(pair, 2, {}, pairFeatures))
    learner.note(4)
    const saved = structuredClone(learner.saveState())
    expect(Object.keys(saved.arrays)).toEqual(['0/weights', '1/weights', 'errors'])
    expect(saved.arrays.errors).toEqual(Float64Array.of(4, 1))
    expect(saved.data).toEqual({ step: 2, rng: [...new Rng('linear').saveState()] })
    const other = unsure({ rule: 'epsilon-greedy', amount: 0 }, { rng: new Rng('other') })
    other.weights[0]!.fill(0)
    other.loadState(saved)
    expect(other.saveState()).toEqual(saved)
    expect([other.taken, other.weights[0]![13]]).toEqual([2, 100])
    expect(Object.keys(unsure(greedy, { agents: [1] }).saveState().arrays)).toEqual(['1/weights', 'errors'])
  })

  it.each<[string, (state: ReturnType<LinearLearner['saveState']>) => object]>([
    [
      'saved learner: expected a number of steps, got none',
      ({ arrays, data }) => ({ arrays, data: { ...data, step: '2' } }),
    ],
    [
      'saved learner: expected 4 numbers in "1/weights", got none; it was saved by another learner or with other settings',
      ({ arrays, data }) => ({ arrays: { ...arrays, '1/weights': undefined }, data }),
    ],
    [
      'saved learner: expected 2 numbers in "errors", got 3; it was saved by another learner or with other settings',
      ({ arrays, data }) => ({ arrays: { ...arrays, errors: new Float64Array(3) }, data }),
    ],
  ])('refuses a state, saying "%s"', (message, change) => {
    const learner = unsure()
    const changed = change(learner.saveState()) as ReturnType<LinearLearner['saveState']>
    expect(() => learner.loadState(changed)).toThrow(expect.objectContaining({ code: 'ERR_STATE', message }))
  })

  it('refuses agents that make several choices at once', () => {
    const agents = pair.agents.map((agent) => ({ ...agent, action: multiDiscrete([2, 2]) }))
    expect(() => unsure(greedy, { spec: { ...pair, agents } })).toThrow(
      expect.objectContaining({
        code: 'ERR_SPACE',
        message: expect.stringMatching(/^linear learners: agent "reader" of pair makes several choices at once/),
      }),
    )
  })
})
