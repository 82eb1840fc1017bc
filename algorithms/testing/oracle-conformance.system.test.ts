import { describe } from 'vitest'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { RoutingDispatch } from '#env/routing-dispatch/routing-dispatch.js'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import type { GroupMember, LearnerEntry } from '../learner.js'
import { leastSquaresQ } from '../linear/least-squares-q.js'
import { linUcb } from '../linear/lin-ucb.js'
import { linearQ } from '../linear/linear-q.js'
import { replayLeastSquares } from '../linear/replay-least-squares.js'
import { thompson } from '../linear/thompson.js'
import { scheduleAt } from '../schedule.js'
import { AgentTables } from '../tabular/agent-tables.js'
import { decomposedQ } from '../tabular/decomposed-q.js'
import { distributedQ } from '../tabular/distributed-q.js'
import { doubleQ } from '../tabular/double-q.js'
import { expectedSarsa } from '../tabular/expected-sarsa.js'
import { hystereticQ } from '../tabular/hysteretic-q.js'
import { independentQ } from '../tabular/independent-q.js'
import { jointActionQ } from '../tabular/joint-action-q.js'
import { lenientQ } from '../tabular/lenient-q.js'
import { nStepQ } from '../tabular/n-step-q.js'
import { qLambda } from '../tabular/q-lambda.js'
import { sarsa } from '../tabular/sarsa.js'
import { onEachBackend } from './each-backend.js'
import { FeatureEnv } from './feature-env.js'
import { type Draws, type LearnerOracle, oracleConformance } from './oracle-conformance.js'
import { decomposedQOracle } from './oracles/decomposed-q.js'
import { distributedQOracle } from './oracles/distributed-q.js'
import { doubleQOracle } from './oracles/double-q.js'
import { type JointTable, jointActionQOracle } from './oracles/joint-action-q.js'
import { leastSquaresQOracle } from './oracles/least-squares-q.js'
import { lenientQOracle } from './oracles/lenient-q.js'
import { banditOracle } from './oracles/linear-bandits.js'
import { linearQOracle } from './oracles/linear-q.js'
import { nStepOracle } from './oracles/n-step.js'
import { qLambdaOracle } from './oracles/q-lambda.js'
import { qLearningOracle } from './oracles/q-learning.js'
import { actsOn, partOf, type Recorded, type Taken, takenIn } from './oracles/recorded-step.js'
import { replayLeastSquaresOracle } from './oracles/replay-least-squares.js'
import { expectedSarsaOracle, sarsaOracle } from './oracles/sarsa.js'

const flat = (tables: readonly (readonly (readonly number[])[])[]) => tables.map((table) => table.flat())
/** Tables as they are exported: rows of the team's most actions, whatever stands past an agent's own. */
const padded = (tables: readonly (readonly (readonly number[])[])[]) => {
  const width = Math.max(...tables.map((table) => table[0]!.length))
  return tables.map((table) =>
    table.flatMap((row) => [...row, ...new Array<number>(width - row.length).fill(Number.NaN)]),
  )
}
const explore = { learningRate: 0.3, exploration: 0.5, initialValue: 0.25 }
const shared = { rate: 0.3, initialValue: 0.25 }

const independent: LearnerOracle = {
  expected: (recorded, discount) => padded(qLearningOracle(recorded, { discount, ...shared })),
}
const hysteretic: LearnerOracle = {
  expected: (recorded, discount) => padded(qLearningOracle(recorded, { discount, ...shared, negativeRate: 0.06 })),
}
const jointTable = ({ q, acted }: JointTable) => [
  q.flatMap((row, state) => row.map((value) => (acted[state] ? value : Number.NaN))),
]
const joint: LearnerOracle = {
  expected: (recorded, discount) => jointTable(jointActionQOracle(recorded, { discount, ...shared })),
}
const features = { make: () => new ContraryTeam({ features: true }), steps: 150 }
/** A dense solve of a few dozen unknowns loses digits that the square root keeps. */
const solved = { ...features, tolerance: 1e-9 }
const rows = 'together'
const bandit: LearnerOracle = {
  expected: (recorded, discount) => flat(banditOracle(recorded, { discount, lambda: 2, rows }).weights),
}

describe('independent-q', async () => {
  oracleConformance(independentQ, independent, explore)
  await onEachBackend((tensors) => oracleConformance(independentQ, independent, explore, { tensors }))
})

describe('independent-q and joint-action-q with a step size that falls', () => {
  const learningRate = { kind: 'linear', from: 0.5, to: 0.1, until: 0.8 } as const
  // Of 300 steps of all rows, however many those are.
  const rate = (step: number) => scheduleAt(learningRate, step, 300)
  const settings = { learningRate, exploration: 0.5 }
  const falling = (recorded: Recorded, discount: number) => qLearningOracle(recorded, { discount, rate })
  oracleConformance(independentQ, { expected: (recorded, discount) => padded(falling(recorded, discount)) }, settings)
  const jointly: LearnerOracle = {
    expected: (recorded, discount) => jointTable(jointActionQOracle(recorded, { discount, rate })),
  }
  oracleConformance(jointActionQ, jointly, settings)
})

describe('hysteretic-q', async () => {
  const settings = { ...explore, negativeFactor: 0.2 }
  oracleConformance(hystereticQ, hysteretic, settings)
  await onEachBackend((tensors) => oracleConformance(hystereticQ, hysteretic, settings, { tensors }))
})

describe('joint-action-q', async () => {
  oracleConformance(jointActionQ, joint, explore)
  await onEachBackend((tensors) => oracleConformance(jointActionQ, joint, explore, { tensors }))
})

/** A team in which everyone may pass, and the claims of most are illegal at times. */
const dispatch = () => new RoutingDispatch(routingDispatchConfig.parse({ observation: 'own', limitSteps: 40 }))

/** A learner's own part of its saved arrays, agent by agent. */
const saved =
  (...names: string[]) =>
  (learner: GroupMember) => {
    const { arrays } = learner.saveState()
    const { offset } = new AgentTables(new ContraryTeam().spec)
    return names.flatMap((name) =>
      [0, 1, 2].map((i) => (arrays[name] as Float64Array).subarray(offset[i], offset[i + 1])),
    )
  }

/** The draws of each step by who acted: one each. */
const drawOf =
  (recorded: Recorded, draws: Draws) =>
  ({ step, row, agent }: Taken) => {
    const place = takenIn(recorded, step).findIndex((one) => one.row === row && one.agent === agent)
    return draws[step]![place]!
  }

describe('double-q', () => {
  const oracle: LearnerOracle = {
    expected: (recorded, discount, draws) => {
      const coin = drawOf(recorded, draws)
      const [a, b] = doubleQOracle(recorded, { discount, ...shared, heads: (taken) => coin(taken) < 0.5 }).map(padded)
      // It acts on the mean of the two.
      const mean = a!.map((table, i) => table.map((value, k) => (value + b![i]![k]!) / 2))
      return [...a!, ...b!, ...mean, ...mean]
    },
    found: (learner) => [
      ...saved('a', 'b', 'values')(learner),
      ...Object.values(learner.policy().export!().tensors).map(({ data }) => data),
    ],
  }
  oracleConformance(doubleQ, oracle, explore)
})

describe('sarsa', () => {
  // Exploring always, the next action is drawn by two numbers: whether it explores, and which legal action.
  const oracle: LearnerOracle = {
    expected: (recorded, discount, draws) => {
      const nextAction = ({ step, row, agent, whole, part }: Taken) => {
        const goOn = takenIn(recorded, step).filter((one) => actsOn(one.whole, one.agent))
        const place = goOn.findIndex((one) => one.row === row && one.agent === agent)
        const drawn = part.after.legal[Math.floor(draws[step]![2 * place + 1]! * part.after.legal.length)]!
        // What is bootstrapped from is what is then done; where a row begins anew, or the run ends, nobody does it.
        const following = recorded.steps[step + 1]?.[row]?.agents[agent]?.action ?? drawn
        return whole.ended ? drawn : following
      }
      return padded(sarsaOracle(recorded, { discount, ...shared, nextAction }))
    },
  }
  oracleConformance(sarsa, oracle, { ...explore, exploration: 1 })
})

describe('expected-sarsa', () => {
  const oracle: LearnerOracle = {
    expected: (recorded, discount) => padded(expectedSarsaOracle(recorded, { discount, ...shared, epsilon: 0.5 })),
  }
  oracleConformance(expectedSarsa, oracle, explore)
})

describe('n-step-q', () => {
  const oracle = (n: number): LearnerOracle => ({
    expected: (recorded, discount) => padded(nStepOracle(recorded, { discount, ...shared, n })),
  })
  describe.each([1, 3, 20])('%i steps', (n) =>
    oracleConformance(nStepQ, oracle(n), { ...explore, n, exploring: 'follow' }),
  )
  describe.each([2, 3, 20])('%i steps, cut where an action explores', (n) => {
    const cut: LearnerOracle = {
      expected: (recorded, discount) => padded(nStepOracle(recorded, { discount, ...shared, n, tree: true })),
    }
    oracleConformance(nStepQ, cut, { ...explore, n, exploring: 'cut' })
  })
  oracleConformance(nStepQ, independent, { ...explore, n: 1 })
})

describe('q-lambda', () => {
  const oracle = (lambda: number, traces: 'replacing' | 'accumulating'): LearnerOracle => ({
    expected: (recorded, discount) => padded(qLambdaOracle(recorded, { discount, ...shared, lambda, traces })),
  })
  describe.each(['replacing', 'accumulating'] as const)('%s', (traces) => {
    oracleConformance(qLambda, oracle(0.8, traces), { ...explore, lambda: 0.8, traces })
  })
  describe.each(['replacing', 'accumulating'] as const)('the last two entries, %s', (traces) => {
    const short: LearnerOracle = {
      expected: (recorded, discount) =>
        padded(qLambdaOracle(recorded, { discount, ...shared, lambda: 0.9, traces, longest: 2 })),
    }
    oracleConformance(qLambda, short, { ...explore, exploration: 0.1, lambda: 0.9, traces, longest: 2 })
  })
  describe('lambda 0', () => oracleConformance(qLambda, independent, { ...explore, lambda: 0 }))
})

describe('distributed-q', () => {
  const oracle: LearnerOracle = {
    expected: (recorded, discount) => padded(distributedQOracle(recorded, { discount, initialValue: -5 }).q),
    found: saved('values'),
  }
  oracleConformance(distributedQ, oracle, { learningRate: 1, exploration: 0.5, initialValue: -5 })
  const agreed: LearnerOracle = {
    expected: (recorded, discount) => [distributedQOracle(recorded, { discount, initialValue: -5 }).policy.flat()],
    found: (learner) => [learner.saveState().arrays.agreed!],
  }
  describe('half of the way up', () => {
    const half: LearnerOracle = {
      expected: (recorded, discount) => {
        const { q, policy } = distributedQOracle(recorded, { discount, initialValue: -5, rate: 0.5 })
        return [...padded(q), policy.flat()]
      },
      found: (learner) => [...saved('values')(learner), learner.saveState().arrays.agreed!],
    }
    oracleConformance(distributedQ, half, { learningRate: 0.5, exploration: 0.5, initialValue: -5 })
  })
  describe('what was agreed on', () =>
    oracleConformance(distributedQ, agreed, { learningRate: 1, exploration: 0.5, initialValue: -5 }))
})

describe('lenient-q', () => {
  const settings = { maxTemperature: 5, decay: 0.9, diffusion: 0.2, leniency: 1.5 }
  const oracle: LearnerOracle = {
    expected: (recorded, discount, draws) => {
      const draw = drawOf(recorded, draws)
      const { q, temperature } = lenientQOracle(recorded, { discount, ...shared, ...settings, draw })
      return [...padded(q), ...padded(temperature)]
    },
    found: saved('values', 'temperature'),
  }
  oracleConformance(lenientQ, oracle, { ...explore, ...settings })
  // Temperatures pass on though values don't.
  describe('discount 0', () => oracleConformance(lenientQ, oracle, { ...explore, ...settings }, { discount: 0 }))
})

describe('decomposed-q', () => {
  const oracle: LearnerOracle = {
    expected: (recorded, discount) => padded(decomposedQOracle(recorded, { discount, ...shared })),
  }
  oracleConformance(decomposedQ, oracle, explore)
  const auction: LearnerOracle = {
    expected: (recorded, discount) => padded(decomposedQOracle(recorded, { discount, ...shared, auction: true })),
  }
  describe('by auction', () =>
    oracleConformance(decomposedQ, auction, { ...explore, execute: 'auction' }, { make: dispatch }))
})

describe('a learner of the visitor and the worker, beside an anchor that is not its own', () => {
  const agents = [1, 2]
  const ofTheirs = (oracle: LearnerOracle): LearnerOracle => ({
    ...oracle,
    expected: (recorded, discount, draws) => oracle.expected(partOf(recorded, agents), discount, draws),
  })
  const decomposed: LearnerOracle = {
    expected: (recorded, discount) => padded(decomposedQOracle(recorded, { discount, ...shared })),
  }
  describe.each<[string, LearnerEntry, LearnerOracle]>([
    ['independent-q', independentQ, independent],
    ['joint-action-q', jointActionQ, joint],
    ['decomposed-q', decomposedQ, decomposed],
  ])('%s', (_, entry, oracle) => oracleConformance(entry, ofTheirs(oracle), explore, { agents }))
})

describe('linear-q', () => {
  const oracle = (penalty: number): LearnerOracle => ({
    expected: (recorded, discount) => flat(linearQOracle(recorded, { discount, rate: 0.02, penalty, rows })),
  })
  const settings = { stepSize: { kind: 'constant', rate: 0.02 }, exploration: 0.5 }
  oracleConformance(linearQ, oracle(0), settings, features)
  describe('with a penalty', () => oracleConformance(linearQ, oracle(0.1), { ...settings, penalty: 0.1 }, features))
})

describe('least-squares-q', () => {
  const oracle: LearnerOracle = {
    expected: (recorded, discount) => flat(leastSquaresQOracle(recorded, { discount, lambda: 2, rows }).weights),
  }
  oracleConformance(leastSquaresQ, oracle, { lambda: 2, covariance: 'full', exploration: 0.5 }, solved)
})

describe('told what the other actions would have earned', () => {
  const options = { make: () => new FeatureEnv(), steps: 60 }
  const twoSteps = { make: () => new FeatureEnv({ steps: 2 }), steps: 60 }
  const gradient: LearnerOracle = {
    expected: (recorded, discount) => flat(linearQOracle(recorded, { discount, rate: 0.02, rows, feedback: 'full' })),
  }
  const squares: LearnerOracle = {
    expected: (recorded, discount) =>
      flat(leastSquaresQOracle(recorded, { discount, lambda: 2, rows, feedback: 'full' }).weights),
  }
  const settings = { feedback: 'full', stepSize: { kind: 'constant', rate: 0.02 }, exploration: 0.5 }
  const exact = { feedback: 'full', lambda: 2, covariance: 'full', exploration: 0.5 }
  describe.each([
    ['one step', options],
    ['two steps', twoSteps],
  ])('%s', (_, where) => {
    describe('linear-q', () => oracleConformance(linearQ, gradient, settings, where))
    describe('least-squares-q', () => oracleConformance(leastSquaresQ, squares, exact, { ...where, tolerance: 1e-9 }))
  })
})

describe('lin-ucb', () => oracleConformance(linUcb, bandit, { lambda: 2, covariance: 'full' }, solved))

describe('thompson', () => oracleConformance(thompson, bandit, { lambda: 2, covariance: 'full' }, solved))

describe('replay-least-squares', () => {
  const oracle = (repeats: 'average' | 'count'): LearnerOracle => ({
    expected: (recorded, discount) => flat(replayLeastSquaresOracle(recorded, { discount, lambda: 5, repeats })),
  })
  // Fits after every step; its sweeps stop when targets hardly move, a little before the fixed point.
  const settings = { firstFit: 1, growth: 1.0001, sweeps: 1000, tolerance: 1e-14, exploration: 0.5, lambda: 5 }
  const options = { ...features, steps: 20, tolerance: 2e-5 }
  describe.each(['average', 'count'] as const)('%s', (repeats) => {
    oracleConformance(replayLeastSquares, oracle(repeats), { ...settings, repeats }, options)
  })
})
