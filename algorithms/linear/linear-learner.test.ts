import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { box, discrete, multiDiscrete } from '#env/space.js'
import type { SparseMatrix } from '#env/sparse-matrix.js'
import type { EnvSpec } from '#env/spec.js'
import type { TransitionBatch } from '#env/transition-batch.js'
import type { LearnerContext } from '../learner.js'
import { sparseFrom } from '../regression/testing/rows.js'
import { standardNormal } from '../standard-normal.js'
import { type Exploration, LinearLearner } from './linear-learner.js'
import { stepByHand, viewsByHand } from './testing/step-by-hand.js'

/** The first agent reads features and two numbers, the second one number; it has an action less. */
const spec: EnvSpec = {
  id: 'pair',
  version: '1',
  agents: [
    { name: 'reader', observation: box(2), action: discrete(3), numObservations: 0, numFeatures: 2 },
    { name: 'looker', observation: box(1), action: discrete(2), numObservations: 0 },
  ],
  numStates: 0,
  stateSize: 0,
  quantities: [],
  score: { aggregate: 'team-sum', over: 'episode' },
  limitSteps: null,
}
const features = sparseFrom([
  [1, 0],
  [0, 2],
])
const greedy: Exploration = { rule: 'epsilon-greedy', amount: 0 }

/** A learner whose weights are given; what it is told to learn is kept as it was. */
class GivenWeights extends LinearLearner {
  /** Columns: the reader's two features, two observed numbers, 1; the looker's observed number, 1. */
  readonly weights = [Float64Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 10, 100, 0.5), Float64Array.of(1, 0, -1, 4)]
  learned: { readonly targets: number[]; readonly discounts: number[] }[] = []

  override weightsOf(agent: number) {
    return this.weights[agent]!
  }

  override arraysOf(agent: number) {
    return { weights: this.weights[agent]! }
  }

  override learn(transition: TransitionBatch) {
    const targets = Array.from(transition.reward, (_, k) => this.target(transition, k, k % 2))
    this.learned.push({ targets, discounts: [...this.discount] })
  }

  note(error: number) {
    this.noteError(error)
  }

  get taken() {
    return this.step
  }
}

/** One that says how unsure it is of each action, and notes what it was asked: agent, action, columns. */
class Unsure extends GivenWeights {
  variances = [0, 0, 0]
  asked: number[][] = []

  override varianceOf(agent: number, x: SparseMatrix, action: number) {
    this.asked.push([agent, action, x.columns])
    return this.variances[action]!
  }
}

const contextOf = (more: Partial<LearnerContext> = {}): LearnerContext => ({
  spec,
  agents: [0, 1],
  discount: 0.5,
  totalSteps: 100,
  rows: 2,
  rng: new Rng('linear'),
  ...more,
})
const make = (exploration: Exploration = greedy, more: Partial<LearnerContext> = {}) =>
  new Unsure(contextOf(more), exploration)

/**
 * Two rows. The reader's values are feature 0, feature 1, and 10 and 100 times what it observes plus 0.5; the looker's are what it
 * observes, and 4 less that.
 */
const seen = {
  featureRow: [0, -1, 1, -1],
  // The looker's observation has room for two numbers and one of its own.
  observation: [0, 0, 1, 7, 0.25, 0, 3, 7],
}
const act = (learner: LinearLearner, given: object = seen, before = [0, 0, 0, 0]) => {
  const actions = Int32Array.from(before)
  learner.act(viewsByHand(spec, 2, given, features), actions)
  return [...actions]
}

describe('how a linear learner acts', () => {
  it('takes the best legal action of each agent in each row, by what it sees itself', () => {
    // Values: (1, 0, 0.5), (1, 3); (0, 2, 3), (3, 1).
    expect(act(make())).toEqual([0, 1, 2, 0])
    const mask = [0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1]
    expect(act(make(), { ...seen, mask })).toEqual([2, 0, 1, 1])
  })

  it('plays 0 for agents that have no legal action, and writes nothing for agents of others', () => {
    const mask = [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1]
    expect(act(make(), { ...seen, mask }, [9, 9, 9, 9])).toEqual([0, 1, 2, 0])
    expect(act(make(greedy, { agents: [1] }), seen, [9, 9, 9, 9])).toEqual([9, 1, 9, 0])
  })

  it('draws one number for each choice, and tries a legal action at random below epsilon', () => {
    const same = new Rng('linear')
    const learner = make({ rule: 'epsilon-greedy', amount: 0.5 })
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
    expect(act(make(greedy, { rng }))).toEqual([0, 1, 2, 0])
  })

  it('changes how much it tries as training goes on', () => {
    const learner = make({ rule: 'bound', amount: { kind: 'linear', from: 2, to: 1, until: 0.5 } })
    const widths = [0, 1, 2].map(() => {
      learner.update(stepByHand(spec, 2, {}, features))
      return learner.metrics()['exploration-width']
    })
    expect(widths).toEqual([2 - 2 / 50, 2 - 4 / 50, 2 - 6 / 50])
  })

  it('adds a bound of so many standard deviations', () => {
    const learner = make({ rule: 'bound', amount: 0.5 })
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
    const learner = make({ rule: 'bound', amount: 0.5 })
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
    const learner = make({ rule: 'draw', amount: 2 })
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
    expect(() => make().act(viewsByHand(spec, 2, seen), new Int32Array(4))).toThrow(
      /^linear model: expected sparse features of 2 columns, got none/,
    )
  })
})

describe('what a linear learner learns towards', () => {
  it('is the reward and the discounted value of what follows, by legal actions only', () => {
    const learner = make()
    const mask = [0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 0]
    learner.update(stepByHand(spec, 2, { reward: [1, 2, 3, 4], after: { ...seen, mask }, elapsed: [1, 2] }, features))
    // Best values that follow: 0.5, 3; 2, 3. Discounts 0.5, and 0.25 after two units of time.
    expect(learner.learned).toEqual([
      { targets: [1 + 0.5 * 0.5, 2 + 0.5 * 3, 3 + 0.25 * 2, 4 + 0.25 * 3], discounts: [0.5, 0.5, 0.25, 0.25] },
    ])
    expect(learner.taken).toBe(2)
  })

  it('is the reward alone where nothing follows, whatever would be seen there', () => {
    const learner = make()
    const endless = Number.POSITIVE_INFINITY
    const observation = [endless, endless, endless, 7, 0.25, 0, 3, 7]
    const after = { featureRow: [0, -1, 1, -1], observation, alive: [1, 1, 1, 0] }
    learner.update(stepByHand(spec, 2, { reward: [1, 2, 3, 4], after, terminated: [1, 0] }, features))
    // The first row has ended; in the second the looker is gone.
    expect(learner.learned).toEqual([{ targets: [1, 2, 3 + 0.5 * 3, 4], discounts: [0, 0, 0.5, 0] }])
  })
})

describe('what a linear learner tells', () => {
  it('is the mean size of errors since the last call, the largest weight and what it tries', () => {
    const learner = make({ rule: 'epsilon-greedy', amount: 0.25 })
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
    const learner = make({ rule: 'draw', amount: 3 }, { agents: [1] })
    expect(learner.metrics()).toEqual({ 'weight-max': 4, 'exploration-width': 3 })
  })
})

describe('the policy and state of a linear learner', () => {
  it('is greedy by the same weights', () => {
    const learner = make({ rule: 'epsilon-greedy', amount: 1 })
    const actions = new Int32Array(4)
    learner.policy().act(viewsByHand(spec, 2, seen, features), new Rng('unused'), actions)
    expect([...actions]).toEqual([0, 1, 2, 0])
    learner.weights[1]!.fill(0)
    learner.policy().act(viewsByHand(spec, 2, seen, features), new Rng('unused'), actions)
    expect([...actions]).toEqual([0, 0, 2, 0])
  })

  it('names the arrays of its agents by their numbers, and goes back to them', () => {
    const learner = make()
    learner.update(stepByHand(spec, 2, {}, features))
    learner.note(4)
    const saved = structuredClone(learner.saveState())
    expect(Object.keys(saved.arrays)).toEqual(['0/weights', '1/weights', 'errors'])
    expect(saved.arrays.errors).toEqual(Float64Array.of(4, 1))
    expect(saved.data).toEqual({ step: 2, rng: [...new Rng('linear').saveState()] })
    const other = make({ rule: 'epsilon-greedy', amount: 0 }, { rng: new Rng('other') })
    other.weights[0]!.fill(0)
    other.loadState(saved)
    expect(other.saveState()).toEqual(saved)
    expect([other.taken, other.weights[0]![13]]).toEqual([2, 100])
    expect(Object.keys(make(greedy, { agents: [1] }).saveState().arrays)).toEqual(['1/weights', 'errors'])
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
    const learner = make()
    const changed = change(learner.saveState()) as ReturnType<LinearLearner['saveState']>
    expect(() => learner.loadState(changed)).toThrow(expect.objectContaining({ code: 'ERR_STATE', message }))
  })

  it('refuses agents that make several choices at once', () => {
    const agents = spec.agents.map((agent) => ({ ...agent, action: multiDiscrete([2, 2]) }))
    expect(() => make(greedy, { spec: { ...spec, agents } })).toThrow(
      expect.objectContaining({
        code: 'ERR_SPACE',
        message: expect.stringMatching(/^linear learners: agent "reader" of pair makes several choices at once/),
      }),
    )
  })
})
