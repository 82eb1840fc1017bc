import { describe } from 'vitest'
import { ContraryTeam } from '#env/testing/contrary-team.js'
import { leastSquaresQ } from '../linear/least-squares-q.js'
import { linUcb } from '../linear/lin-ucb.js'
import { linearQ } from '../linear/linear-q.js'
import { replayLeastSquares } from '../linear/replay-least-squares.js'
import { thompson } from '../linear/thompson.js'
import { scheduleAt } from '../schedule.js'
import { hystereticQ } from '../tabular/hysteretic-q.js'
import { independentQ } from '../tabular/independent-q.js'
import { jointActionQ } from '../tabular/joint-action-q.js'
import { onEachBackend } from './each-backend.js'
import { FeatureEnv } from './feature-env.js'
import { type LearnerOracle, oracleConformance } from './oracle-conformance.js'
import { type JointTable, jointActionQOracle } from './oracles/joint-action-q.js'
import { leastSquaresQOracle } from './oracles/least-squares-q.js'
import { banditOracle } from './oracles/linear-bandits.js'
import { linearQOracle } from './oracles/linear-q.js'
import { qLearningOracle } from './oracles/q-learning.js'
import type { Recorded } from './oracles/recorded-step.js'
import { replayLeastSquaresOracle } from './oracles/replay-least-squares.js'

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
/** Linear learners take the rows of a step one after the other. */
const rows = 'in-turn'
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
  oracleConformance(independentQ, { expected: (...run) => padded(falling(...run)) }, settings)
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
