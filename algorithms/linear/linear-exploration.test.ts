import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { standardNormal } from '../standard-normal.js'
import { act, contextOf, GivenWeights, greedy, unsure } from './testing/given-weights.js'
import { pair, pairFeatures, seen } from './testing/pair.js'
import { stepByHand, viewsByHand } from './testing/step-by-hand.js'

describe('how a linear learner acts', () => {
  it('takes the best legal action of each agent in each row, by what it sees itself', () => {
    // Values: (1, 0, 0.5), (1, 3); (0, 2, 3), (3, 1).
    expect(act(unsure())).toEqual([0, 1, 2, 0])
    const mask = [0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1]
    expect(act(unsure(), { ...seen, mask })).toEqual([2, 0, 1, 1])
  })

  it('plays 0 for agents that have no legal action, and writes nothing for agents of others', () => {
    const mask = [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1]
    expect(act(unsure(), { ...seen, mask }, [9, 9, 9, 9])).toEqual([0, 1, 2, 0])
    expect(act(unsure(greedy, { agents: [1] }), seen, [9, 9, 9, 9])).toEqual([9, 1, 9, 0])
  })

  it('draws one number for each choice, and tries a legal action at random below epsilon', () => {
    const same = new Rng('linear')
    const learner = unsure({ rule: 'epsilon-greedy', amount: 0.5 })
    const mask = [1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 0]
    const best = [0, 1, 2, 1]
    const legal = [[0, 2], [0, 1], [0, 1, 2], [1]]
    let random = 0
    for (let round = 0; round < 50; round++) {
      const expected = best.map((action, k) => {
        if (same.uniform() >= 0.5) return action
        random++
        return legal[k]![same.integer(legal[k]!.length)]
      })
      expect(act(learner, { ...seen, mask })).toEqual(expected)
    }
    expect(random).toBeGreaterThan(50)
  })

  it('never tries at random where epsilon is 0', () => {
    const rng = Object.assign(new Rng('least'), { uniform: () => 0 })
    expect(act(unsure(greedy, { rng }))).toEqual([0, 1, 2, 0])
  })

  it('changes how much it tries as training goes on', () => {
    const learner = unsure({ rule: 'bound', amount: { kind: 'linear', from: 2, to: 1, until: 0.5 } })
    const widths = [0, 1, 2].map(() => {
      learner.update(stepByHand(pair, 2, {}, pairFeatures))
      return learner.metrics()['exploration-width']
    })
    expect(widths).toEqual([2 - 2 / 50, 2 - 4 / 50, 2 - 6 / 50])
  })

  it('adds a bound of so many standard deviations', () => {
    const learner = unsure({ rule: 'bound', amount: 0.5 })
    // Values (1, 0, 0.5), (1, 3); (0, 2, 3), (3, 1), and half the roots: (0, 1, 1.5).
    learner.variances = [0, 4, 9]
    expect(act(learner)).toEqual([2, 1, 2, 0])
    learner.variances = [0, 10, 0]
    // 1.58 more for action 1.
    expect(act(learner)).toEqual([1, 1, 1, 0])
    learner.variances = [0, 17, 0]
    expect(act(learner)).toEqual([1, 1, 1, 1])
  })

  it('asks how unsure it is of legal actions only, an agent of its own, and knows nothing where it does not say', () => {
    const learner = unsure({ rule: 'bound', amount: 0.5 })
    act(learner, { ...seen, mask: [1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0] })
    expect(learner.asked).toEqual([
      [0, 0, 4],
      [0, 2, 4],
      [1, 0, 1],
      [1, 1, 1],
      [0, 1, 4],
      [1, 1, 1],
    ])
    expect(act(new GivenWeights(contextOf(), { rule: 'bound', amount: 100 }))).toEqual([0, 1, 2, 0])
  })

  it('draws values from normal distributions of that width, one for each legal action', () => {
    const learner = unsure({ rule: 'draw', amount: 2 })
    learner.variances = [1, 4, 9]
    const same = new Rng('linear')
    const mask = [1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0]
    const values = [
      [1, 0, 0.5],
      [1, 3],
      [0, Number.NEGATIVE_INFINITY, 3],
      [3, 1],
    ]
    const chosen = new Set<string>()
    for (let round = 0; round < 40; round++) {
      const expected = values.map((own) => {
        const drawn = own.map((value, a) =>
          value === Number.NEGATIVE_INFINITY ? value : value + 2 * (a + 1) * standardNormal(same),
        )
        return drawn.indexOf(Math.max(...drawn))
      })
      const actions = act(learner, { ...seen, mask })
      expect(actions).toEqual(expected)
      chosen.add(actions.join())
    }
    expect(chosen.size).toBeGreaterThan(5)
  })

  it('refuses views without the features that it reads', () => {
    expect(() => unsure().act(viewsByHand(pair, 2, seen), new Int32Array(4))).toThrow(
      /^linear model: expected sparse features of 2 columns, got none/,
    )
  })
})
