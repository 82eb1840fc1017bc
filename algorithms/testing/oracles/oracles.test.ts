import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { sampleMasked } from '#env/space.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { VectorEnv } from '#env/vector-env.js'
import { Recorder } from '../recorded-run.js'
import { decomposedQOracle } from './decomposed-q.js'
import { distributedQOracle } from './distributed-q.js'
import { doubleQOracle } from './double-q.js'
import { jointActionQOracle } from './joint-action-q.js'
import { lenientQOracle } from './lenient-q.js'
import { banditOracle, linUcbScore, thompsonScore } from './linear-bandits.js'
import { linearQOracle } from './linear-q.js'
import { nStepOracle } from './n-step.js'
import { qLambdaOracle } from './q-lambda.js'
import { qLearningOracle } from './q-learning.js'
import type { Recorded, RecordedRow, RecordedView, Taken } from './recorded-step.js'
import { expectedSarsaOracle, sarsaOracle } from './sarsa.js'

const common = { discount: 0.9, rate: 0.25, initialValue: 0.5 }

/** A run of the contrary team under random actions. */
function played(rows: number, steps = 120): Recorded {
  const env = new VectorEnv(() => new ContraryTeam(), rows, 'oracles')
  env.reset()
  const recorder = new Recorder(env.spec, env.layout)
  const rng = new Rng('actions')
  const actions = new Int32Array(rows * 3)
  for (let step = 0; step < steps; step++) {
    actions.forEach((_, k) => {
      actions[k] = Math.max(0, sampleMasked(env.current.mask, k * 4, 4, rng))
    })
    recorder.add(env.step(actions))
  }
  return recorder.recorded
}

/** The same run with inputs that name the observation and nothing else. */
function named(recorded: Recorded): Recorded {
  const inputsOf = (view: RecordedView, i: number) => ({
    ...view,
    inputs: Array.from({ length: recorded.observations[i]! }, (_, id) => (id === view.id ? 1 : 0)),
  })
  const steps = recorded.steps.map((rows) =>
    rows.map((row) => ({
      ...row,
      agents: row.agents.map((one, i) => ({
        ...one,
        before: inputsOf(one.before, i),
        after: inputsOf(one.after, i),
      })),
    })),
  )
  return { ...recorded, steps }
}

/** The anchor's part of a run, as if it were alone. */
function alone(recorded: Recorded): Recorded {
  const steps = recorded.steps.map((rows) => rows.map((row) => ({ ...row, agents: row.agents.slice(0, 1) })))
  return { ...recorded, observations: [8], actions: [2], aggregate: 'shared', steps }
}

/** One agent, observations 0..2, actions 0 and 1: steps [from, action, reward, to, how it went on]. */
function told(steps: readonly [from: number, action: number, reward: number, to: number, how?: string][]): Recorded {
  const view = (id: number, acts = true) => ({ acts, id, inputs: [id, 1], legal: acts ? [0, 1] : [] })
  return {
    observations: [3],
    actions: [2],
    states: 3,
    aggregate: 'shared',
    steps: steps.map(([from, action, reward, to, how = '']): RecordedRow[] => [
      {
        stateId: from,
        nextStateId: to,
        agents: [{ before: view(from), action, reward, after: view(to, how !== 'left') }],
        terminated: how === 'terminated',
        ended: how === 'terminated' || how === 'truncated',
        elapsed: how === 'long' ? 2 : 1,
      },
    ]),
  }
}

/** Equal but for rounding. */
function expectClose(found: unknown, expected: unknown): void {
  const flat = (value: unknown) => [value].flat(9) as number[]
  const [a, b] = [flat(found), flat(expected)]
  expect(a.length).toBe(b.length)
  a.forEach((value, k) => {
    expect(value, `entry ${k}`).toBeCloseTo(b[k]!, 10)
  })
}

describe('the q-learning oracle', () => {
  const half = { discount: 0.5, rate: 0.5 }

  it('bootstraps after a truncation, by the time a step took, and neither after termination nor once an agent left', () => {
    // Value 8 stands in observation 1 first: 16 * 0.5.
    const learned = (how: string | undefined) =>
      qLearningOracle(
        told([
          [1, 0, 16, 2, 'terminated'],
          [0, 1, 2, 1, how],
        ]),
        half,
      )[0]![0]
    expect([undefined, 'truncated', 'long', 'terminated', 'left'].map(learned)).toEqual([
      [0, 3],
      [0, 3],
      [0, 2],
      [0, 1],
      [0, 1],
    ])
  })

  it('believes bad news by the other rate', () => {
    const q = qLearningOracle(
      told([
        [0, 0, 4, 1, 'terminated'],
        [0, 0, 0, 1, 'terminated'],
      ]),
      { ...half, negativeRate: 0.25 },
    )
    expect(q[0]![0]).toEqual([1.5, 0])
  })
})

describe.each([1, 7])('limits of the oracles on the contrary team (%i rows)', (rows) => {
  const recorded = played(rows)
  const known = qLearningOracle(recorded, common)

  it('expected SARSA without exploration, n-step Q of one step, and Q(0) are Q-learning', () => {
    expectClose(expectedSarsaOracle(recorded, { ...common, epsilon: 0 }), known)
    expectClose(nStepOracle(recorded, { ...common, n: 1 }), known)
    for (const traces of ['accumulating', 'replacing'] as const) {
      expectClose(qLambdaOracle(recorded, { ...common, lambda: 0, traces }), known)
    }
  })

  it('n-step SARSA of one step is SARSA, which is not Q-learning, and neither is expected SARSA that explores', () => {
    const nextAction = ({ step, part }: Taken) => part.after.legal[step % part.after.legal.length]!
    const sarsa = sarsaOracle(recorded, { ...common, nextAction })
    expectClose(nStepOracle(recorded, { ...common, n: 1, nextAction }), sarsa)
    expect(sarsa).not.toEqual(known)
    expect(expectedSarsaOracle(recorded, { ...common, epsilon: 1 })).not.toEqual(known)
  })

  it('Q(lambda) and n-step Q differ from Q-learning, and traces from each other', () => {
    const accumulating = qLambdaOracle(recorded, { ...common, lambda: 0.8, traces: 'accumulating' })
    const replacing = qLambdaOracle(recorded, { ...common, lambda: 0.8, traces: 'replacing' })
    expect(accumulating).not.toEqual(known)
    expect(accumulating).not.toEqual(replacing)
    expect(nStepOracle(recorded, { ...common, n: 3 })).not.toEqual(known)
  })

  it('leniency is Q-learning where nothing is hot, and deaf to bad news where everything is', () => {
    const cold = { ...common, maxTemperature: 0, decay: 1, diffusion: 0, leniency: 1, draw: () => 0.99 }
    expectClose(lenientQOracle(recorded, cold).q, known)
    const hot = { ...cold, maxTemperature: 1e300, leniency: 1e9, draw: () => 0 }
    expectClose(lenientQOracle(recorded, hot).q, qLearningOracle(recorded, { ...common, negativeRate: 0 }))
  })

  it('exchanging the coins exchanges the tables of double Q', () => {
    const heads = ({ step, row, agent }: Taken) => (step + row + agent) % 3 === 0
    const [a, b] = doubleQOracle(recorded, { ...common, heads })
    const [c, d] = doubleQOracle(recorded, { ...common, heads: (taken) => !heads(taken) })
    expect([c, d]).toEqual([b, a])
    expect(a).not.toEqual(b)
  })

  it('linear values of inputs that only name the observation are a table', () => {
    const { initialValue: _, ...rest } = common
    const table = qLearningOracle(recorded, rest)
    const weights = linearQOracle(named(recorded), rest)
    expectClose(
      weights.map((actions) => actions[0]!.map((_, id) => actions.map((w) => w[id]!))),
      table,
    )
  })

  it('a bandit knows the mean of an arm as often as it was pulled', () => {
    const { weights, belief } = banditOracle(named(recorded), { lambda: 2 })
    const pulls = recorded.steps
      .flat()
      .filter(({ agents: [anchor] }) => anchor!.before.id === 4 && anchor!.action === 1)
    const sum = pulls.reduce((total, { agents }) => total + agents[0]!.reward, 0)
    expect(pulls.length).toBeGreaterThan(2)
    const { mean, variance } = belief(
      0,
      1,
      named(recorded)
        .steps.flat()
        .find((r) => r.agents[0]!.before.id === 4)!.agents[0]!.before,
    )
    expect(weights[0]![1]![4]).toBeCloseTo(sum / (2 + pulls.length), 10)
    expect(mean).toBeCloseTo(sum / (2 + pulls.length), 10)
    expect(variance).toBeCloseTo(1 / (2 + pulls.length), 10)
    expect(linUcbScore({ mean: 1, variance: 4 }, 0.5)).toBe(2)
    expect(thompsonScore({ mean: 1, variance: 4 }, 0.5, -3)).toBe(-2)
  })

  it('a team of one decomposes into itself', () => {
    expectClose(decomposedQOracle(alone(recorded), common), qLearningOracle(alone(recorded), common))
  })
})

describe('oracles by hand', () => {
  it('distributed Q keeps the best that was seen, and the first action that reached it', () => {
    const { q, policy } = distributedQOracle(
      told([
        [0, 0, 3, 1, 'terminated'],
        [0, 0, -5, 1, 'terminated'],
        [0, 1, 3, 1, 'terminated'],
        [1, 1, 1, 0],
      ]),
      { discount: 0.5 },
    )
    expect(q[0]).toEqual([
      [3, 3],
      [0, 2.5],
      [0, 0],
    ])
    expect(policy[0]).toEqual([0, 1, -1])
  })

  it('n-step returns span the steps between, and are cut short where an episode ends', () => {
    const steps: Parameters<typeof told>[0] = [
      [0, 0, 1, 1],
      [1, 0, 2, 2],
      [2, 0, 4, 0, 'truncated'],
      [0, 1, 8, 1, 'left'],
    ]
    const q = nStepOracle(told(steps), { discount: 0.5, rate: 1, n: 2 })
    // 0: 1 + 2/2 + V(2)/4 = 2. Then at the end, both from the values before: 1: 2 + 4/2 + V(0)/4 = 4.5 and 2: 4 + V(0)/2 = 5.
    expect(q[0]).toEqual([
      [2, 8],
      [4.5, 0],
      [5, 0],
    ])
  })

  it('traces carry errors back, until an exploratory action cuts them', () => {
    const options = { discount: 0.5, rate: 1, lambda: 0.5, traces: 'accumulating' as const }
    const greedy = told([
      [0, 0, 0, 1],
      [1, 0, 8, 2, 'terminated'],
    ])
    expect(qLambdaOracle(greedy, options)[0]).toEqual([
      [2, 0],
      [8, 0],
      [0, 0],
    ])
    const exploring = told([
      [1, 0, 4, 2, 'terminated'],
      [0, 0, 0, 1],
      [1, 1, 8, 2, 'terminated'],
    ])
    expect(qLambdaOracle(exploring, options)[0]).toEqual([
      [2, 0],
      [4, 8],
      [0, 0],
    ])
  })

  it('double Q values the best action of one table by the other', () => {
    const coins = [true, false, true]
    const steps: Parameters<typeof told>[0] = [
      [1, 1, 4, 2, 'terminated'],
      [1, 1, 2, 2, 'terminated'],
      [0, 0, 0, 1],
    ]
    const heads = ({ step }: Taken) => coins[step]!
    const [a, b] = doubleQOracle(told(steps), { discount: 0.5, rate: 1, heads })
    expect([a[0]![1], b[0]![1], a[0]![0]]).toEqual([
      [0, 4],
      [0, 2],
      [1, 0],
    ])
  })

  it('cools what was taken towards what follows, and stays deaf while it is hot', () => {
    const options = { discount: 0.5, rate: 1, maxTemperature: 10, decay: 0.5, diffusion: 0.5, leniency: 1 }
    const steps: Parameters<typeof told>[0] = [
      [1, 0, 2, 2, 'terminated'],
      [1, 0, -1, 2, 'terminated'],
      [0, 1, 0, 1],
    ]
    const bad = (uniform: number) => lenientQOracle(told(steps), { ...options, draw: () => uniform })
    // 1 - exp(-1/10) = 0.095 and, once cooled to 5, 1 - exp(-1/5) = 0.181.
    expect([bad(0.2).q[0]![1], bad(0.1).q[0]![1]]).toEqual([
      [2, 0],
      [-1, 0],
    ])
    const { temperature } = bad(0.2)
    expect(temperature[0]!.slice(0, 2)).toEqual([
      [10, 0.5 * (0.5 * 10 + 0.5 * 6.25)],
      [2.5, 10],
    ])
  })

  it('one error moves the entries of all who act', () => {
    const [row] = told([[0, 0, 6, 1, 'terminated']]).steps[0]!
    const two = { ...told([]), observations: [3, 3], actions: [2, 2], aggregate: 'team-sum' as const }
    const gone = { ...row!.agents[0]!, before: { ...row!.agents[0]!.before, acts: false, legal: [] }, reward: 2 }
    const both = { ...row!, agents: [row!.agents[0]!, { ...row!.agents[0]!, action: 1 }] }
    const one = { ...row!, agents: [row!.agents[0]!, gone] }
    const q = decomposedQOracle({ ...two, steps: [[both], [one]] }, { discount: 0.5, rate: 0.5 })
    // 12 - 0 moves both by 6; then 8 - 6 moves the first by 1.
    expect([q[0]![0], q[1]![0]]).toEqual([
      [7, 0],
      [0, 6],
    ])
  })

  it('joint actions bootstrap from the legal ones, with 0 for who is gone', () => {
    const recorded = played(7)
    const { q, acted } = jointActionQOracle(recorded, common)
    expect(acted.filter(Boolean).length).toBeGreaterThan(15)
    acted.forEach((seen, state) => {
      const open = q[state]!.filter((value) => value !== Number.NEGATIVE_INFINITY).length
      // State 18 is the one that the team acts in where everything is legal and nobody is gone.
      expect(open === 24, `state ${state}`).toBe(!seen || state === 18)
    })
  })
})
