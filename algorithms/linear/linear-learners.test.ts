import { describe, expect, it } from 'vitest'
import type { Env } from '#env/env.js'
import { matrixGame } from '#env/matrix-game/entry.js'
import { Rng } from '#env/rng.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { LeavingTeam } from '#env/testing/leaving-team.js'
import { VectorEnv } from '#env/vector-env.js'
import type { Learner, LearnerEntry } from '../learner.js'
import { fitRidge } from '../regression/ridge.js'
import { FeatureEnv } from '../testing/feature-env.js'
import { learnerConformance } from '../testing/learner-conformance.js'
import { actionsFor, contextFor, makeLearner } from '../testing/make-learner.js'
import { leastSquaresQ } from './least-squares-q.js'
import { linUcb } from './lin-ucb.js'
import { linearQ } from './linear-q.js'
import { replayLeastSquares } from './replay-least-squares.js'
import { thompson } from './thompson.js'

const one = () => new FeatureEnv()
const two = () => new FeatureEnv({ steps: 2 })
const dispatch = () => routingDispatch.create(routingDispatch.schema.parse({ limitSteps: 20 }))
const exploration = 0.3

describe('linear-q', () => learnerConformance(linearQ, one))
describe('linear-q, two steps, full', () => learnerConformance(linearQ, two, { exploration, feedback: 'full' }))
describe('linear-q on dense observations', () => learnerConformance(linearQ, dispatch))
describe('least-squares-q', () => learnerConformance(leastSquaresQ, two))
describe('least-squares-q, diagonal, full', () =>
  learnerConformance(leastSquaresQ, one, { exploration, feedback: 'full', covariance: 'diagonal' }))
describe('replay-least-squares', () => learnerConformance(replayLeastSquares, two))
describe('replay-least-squares, full, auto', () =>
  learnerConformance(replayLeastSquares, one, { exploration, feedback: 'full', lambda: 'auto' }))
describe('replay-least-squares that forgets', () => learnerConformance(replayLeastSquares, two, { capacity: 100 }))
describe('lin-ucb', () => learnerConformance(linUcb, one, { alpha: 1 }))
describe('lin-ucb, diagonal, two steps', () => learnerConformance(linUcb, two, { alpha: 1, covariance: 'diagonal' }))
describe('thompson', () => learnerConformance(thompson, one, {}))
describe('thompson, diagonal, full', () =>
  learnerConformance(thompson, two, { covariance: 'diagonal', feedback: 'full' }))

function train(entry: LearnerEntry, make: () => Env, settings: object, vectorSteps: number, rows = 4) {
  const env = new VectorEnv(make, rows, 'env', entry.needs!(entry.schema.parse(settings)))
  const learner = makeLearner(entry, contextFor(env, { totalSteps: rows * vectorSteps }), settings)
  const actions = actionsFor(env)
  const seen: { row: number; action: number; reward: number }[] = []
  env.reset()
  for (let k = 0; k < vectorSteps; k++) {
    learner.act(env.current, actions)
    const transition = env.step(actions)
    actions.forEach((action, j) => {
      seen.push({ row: transition.before.featureRow[j]!, action, reward: transition.reward[j]! })
    })
    learner.update(transition)
  }
  learner.finish?.()
  return { env, learner, seen }
}

/** Mean reward of the greedy policy. */
function greedyReward(learner: Learner, make: () => Env): number {
  const env = new VectorEnv(make, 8, 'evaluation')
  const actions = new Int32Array(8 * env.layout.agents)
  const policy = learner.policy()
  let sum = 0
  env.reset()
  for (let k = 0; k < 100; k++) {
    policy.act(env.current, new Rng('unused'), actions)
    sum += env.step(actions).reward.reduce((total, r) => total + r, 0)
  }
  return sum / (100 * actions.length)
}

const learners: [string, LearnerEntry, object][] = [
  ['linear-q', linearQ, {}],
  ['linear-q with adagrad steps', linearQ, { stepSize: { kind: 'adagrad', rate: 0.3 } }],
  ['linear-q with counted steps and a penalty', linearQ, { stepSize: { kind: 'count', rate: 0.3 }, penalty: 1e-4 }],
  ['least-squares-q', leastSquaresQ, {}],
  ['least-squares-q, diagonal', leastSquaresQ, { covariance: 'diagonal' }],
  ['replay-least-squares', replayLeastSquares, { lambda: 0.1 }],
  ['replay-least-squares, auto', replayLeastSquares, { lambda: 'auto' }],
  ['lin-ucb', linUcb, {}],
  ['lin-ucb, diagonal', linUcb, { covariance: 'diagonal' }],
  ['thompson', thompson, {}],
  ['thompson, diagonal', thompson, { covariance: 'diagonal' }],
]

describe.each(['bandit', 'full'])('%s regime', (feedback) => {
  it.each(learners)('%s finds the best action of every query', (_, entry, settings) => {
    const { learner } = train(entry, one, { ...settings, feedback }, 1000)
    expect(greedyReward(learner, one)).toBe(1)
  })

  // Not the bandit rules: the targets of their first trials, formed when nothing was known, count for ever.
  it.each(learners.filter(([, entry]) => entry !== linUcb && entry !== thompson))(
    '%s looks a step ahead: 0.25 now, then 1',
    (_, entry, settings) => {
      const { learner } = train(entry, two, { ...settings, feedback }, 2000)
      expect(greedyReward(learner, two)).toBeCloseTo(1.25 / 2, 12)
    },
  )
})

describe('the regimes', () => {
  it('lets no learner of the bandit regime see a reward it did not earn', () => {
    for (const [, entry, settings] of learners) {
      expect(entry.needs!(entry.schema.parse(settings)).actionReward).toBe(false)
      expect(entry.needs!(entry.schema.parse({ ...settings, feedback: 'full' })).actionReward).toBe(true)
    }
    expect(train(linearQ, one, {}, 5).env.transition.actionReward).toHaveLength(0)
    expect(train(linearQ, one, { feedback: 'full' }, 5).env.transition.actionReward).toHaveLength(4 * 2 * 3)
  })

  it('learns every action at once in the full regime, and only the chosen one in the bandit regime', () => {
    const never = { exploration: 0, stepSize: { kind: 'constant', rate: 0.1 } }
    const values = (feedback: string) => {
      const { learner } = train(linearQ, one, { ...never, feedback }, 1, 1)
      const weights = learner.saveState().arrays['0/weights']!
      return [0, 1, 2].map((a) => weights.subarray(a * 25, (a + 1) * 25).some((w) => w !== 0))
    }
    // The best action is the query's topic; rewards of 0 move nothing from 0.
    expect(values('full').filter((moved) => moved)).toHaveLength(1)
    expect(values('bandit').filter((moved) => moved).length).toBeLessThanOrEqual(1)
  })
})

describe('a step size of linear-q that falls', () => {
  const settings = (rate: unknown) => ({ exploration: 0, stepSize: { kind: 'constant', rate } })

  it('is the one of each step', () => {
    const falling = { kind: 'linear', from: 0.2, to: 0, until: 1 }
    // Rates of 0 are refused: nothing would be learned.
    expect(linearQ.schema.safeParse(settings(falling)).error?.issues[0]?.message).toMatch(/expected rates above 0/)
    expect(linearQ.schema.safeParse(settings(0)).success).toBe(false)
    const first = (rate: unknown, steps: number) =>
      train(linearQ, one, settings(rate), steps, 1).learner.saveState().arrays
    const half = { kind: 'geometric', from: 0.2, to: 0.05, until: 1 }
    // The first step has the first rate, and those after it less.
    expect(first(half, 1)['0/weights']).toEqual(first(0.2, 1)['0/weights'])
    expect(first(half, 40)['0/weights']).not.toEqual(first(0.2, 40)['0/weights'])
  })
})

describe('known answers', () => {
  const noise = 1e-9

  it('replay-least-squares in the full regime is ridge on all queries seen, each counted once; its gaps are ridge on the gap', () => {
    const settings = { feedback: 'full', lambda: 2, tolerance: 1e-12 }
    const { env, learner, seen } = train(replayLeastSquares, () => new FeatureEnv({ agents: 1 }), settings, 300)
    const queries = [...new Set(seen.map(({ row }) => row))].sort((a, b) => a - b)
    expect(queries).toHaveLength(40)
    const columns = env.current.features!.columns
    const weights = learner.saveState().arrays['0/weights'] as Float64Array
    const earns = (a: number) => queries.map((row) => (row % 3 === a ? 1 : 0))
    const at = (a: number, j: number) => weights[a * (columns + 2) + j]!
    const expectFit = (targets: number[], weight: (j: number) => number) => {
      const fit = fitRidge(env.current.features!, targets, { lambda: 2, tolerance: 1e-12 })
      fit.weights.forEach((w, j) => {
        expect(Math.abs(weight(j) - w)).toBeLessThan(noise)
      })
      // The observation is always 0: no weight. Then the intercept.
      expect(weight(columns)).toBe(0)
      expect(Math.abs(weight(columns + 1) - fit.intercept)).toBeLessThan(noise)
    }
    for (const a of [0, 1, 2]) expectFit(earns(a), (j) => at(a, j))
    const gap = earns(1).map((y, i) => y - earns(0)[i]!)
    expectFit(gap, (j) => at(1, j) - at(0, j))
  })

  it('replay-least-squares that counts repeats is ridge on every step of the action, in the bandit regime', () => {
    const settings = { lambda: 2, tolerance: 1e-12, repeats: 'count', exploration: 1 }
    const { env, learner, seen } = train(replayLeastSquares, () => new FeatureEnv({ agents: 1 }), settings, 200)
    const weights = learner.saveState().arrays['0/weights'] as Float64Array
    const { rowStart, index, value, columns } = env.current.features!
    for (const a of [0, 1, 2]) {
      const own = seen.filter(({ action }) => action === a)
      const starts = [0]
      const entries = own.flatMap(({ row }) => {
        const places = Array.from({ length: rowStart[row + 1]! - rowStart[row]! }, (_, k) => rowStart[row]! + k)
        starts.push(starts.at(-1)! + places.length)
        return places
      })
      const x = {
        rows: own.length,
        columns,
        rowStart: Int32Array.from(starts),
        index: Int32Array.from(entries, (k) => index[k]!),
        value: Float32Array.from(entries, (k) => value[k]!),
      }
      const fit = fitRidge(
        x,
        own.map(({ reward }) => reward),
        { lambda: 2, tolerance: 1e-12 },
      )
      fit.weights.forEach((w, j) => {
        expect(Math.abs(weights[a * (columns + 2) + j]! - w)).toBeLessThan(noise)
      })
    }
  })

  it('replay-least-squares values the hidden first step at 0.25 + gamma', () => {
    const settings = { lambda: 1e-6, tolerance: 1e-9, exploration: 1 }
    const { env, learner } = train(replayLeastSquares, two, settings, 1000)
    env.reset()
    const scores = new Float64Array(4 * 2 * 3)
    learner.policy().scores!(env.current, scores)
    ;[0.25 + 0.9, 0.9, 0.9].forEach((expected, a) => {
      expect(scores[a]).toBeCloseTo(expected, 3)
    })
  })

  it('least-squares-q on an observation without information learns the mean reward, shrunk by lambda', () => {
    const game = () =>
      matrixGame.create(matrixGame.schema.parse({ game: 'custom', payoffs: [4], repetitions: 1 })) as Env
    const { env, learner } = train(leastSquaresQ, game, { lambda: 2 }, 10, 1)
    // Ten rows of x = (0, 0, 1) and target 4: 40 / (10 + lambda).
    env.reset()
    const scores = new Float64Array(1)
    learner.policy().scores!(env.current, scores)
    expect(scores[0]).toBeCloseTo(40 / 12, 12)
  })

  it('learns from the last step of an agent that leaves, and from none after', () => {
    const { learner } = train(replayLeastSquares, () => new LeavingTeam(), { lambda: 1e-6, exploration: 1 }, 300, 1)
    expect(learner.saveState().data.counts).toEqual({ 0: 100, 1: 300 })
  })
})

describe('replay-least-squares', () => {
  it('remembers no more than its capacity, and the newest', () => {
    const { learner, seen } = train(
      replayLeastSquares,
      () => new FeatureEnv({ agents: 1 }),
      { capacity: 10, exploration: 1 },
      7,
    )
    const { data, added } = learner.saveState()
    expect(data.counts).toEqual({ 0: 28 })
    expect([...added!['0/featureRow']!].sort()).toEqual(
      seen
        .slice(-10)
        .map(({ row }) => row)
        .sort(),
    )
  })

  it('keeps what it knows of an action that it has not seen', () => {
    const { learner } = train(replayLeastSquares, one, { exploration: 0 }, 50)
    const weights = learner.saveState().arrays['0/weights'] as Float64Array
    expect(weights.every(Number.isFinite)).toBe(true)
  })
})

describe('refusals', () => {
  it.each(learners)('%s refuses an agent that sees no numbers', (_, entry, settings) => {
    const env = new VectorEnv(one, 1, 'blind')
    const agents = env.spec.agents.map((agent) => ({
      ...agent,
      numFeatures: 0,
      observation: { ...agent.observation, size: 0 },
    }))
    const blind = contextFor(env, { spec: { ...env.spec, agents } })
    expect(() => makeLearner(entry, blind, settings)).toThrow(
      expect.objectContaining({
        code: 'ERR_SPACE',
        message: expect.stringContaining('agent "agent-0" has neither sparse features nor a real-valued observation'),
      }),
    )
  })

  it('refuses a full covariance of too many features, saying what helps', () => {
    const context = contextFor(new VectorEnv(one, 1, 'wide'))
    expect(() => makeLearner(leastSquaresQ, context, { covariance: 'full', fullLimit: 20 })).toThrow(
      /covariance: a full covariance of 25 features takes 1 MiB, fullLimit is 20; use diagonal/,
    )
  })

  it('refuses batches without the features or observations it was made for', () => {
    const { env, learner } = train(linearQ, one, {}, 5)
    const actions = new Int32Array(8)
    const bare = new VectorEnv(one, 4, 'bare', { observation: false })
    bare.reset()
    expect(() => learner.act(bare.current, actions)).toThrow(/expected real-valued observations, got none/)
    const { features: _, ...without } = env.current
    expect(() => learner.policy().act(without, new Rng('x'), actions)).toThrow(
      /expected sparse features of 23 columns, got none/,
    )
  })
})
