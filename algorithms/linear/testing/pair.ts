import { box, discrete } from '#env/space.js'
import type { EnvSpec } from '#env/spec.js'
import { sparseFrom } from '../../regression/testing/rows.js'

/** The first agent reads features and two numbers, the second one number; it has an action less. */
export const pair: EnvSpec = {
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

/** Two rows of features, for the reader. */
export const pairFeatures = sparseFrom([
  [1, 0],
  [0, 2],
])

/**
 * Weights of each. Columns: the reader's two features, two observed numbers, 1; the looker's observed number, 1. The reader's values
 * are feature 0, feature 1, and 10 and 100 times what it observes plus 0.5; the looker's are what it observes, and 4 less that.
 */
export const pairWeights = () => [
  Float64Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 10, 100, 0.5),
  Float64Array.of(1, 0, -1, 4),
]

/**
 * What the pair sees in two rows; of what the looker observes the second number is not its own. Values are (1, 0, 0.5) and (1, 3) in
 * the first row, (0, 2, 3) and (3, 1) in the second.
 */
export const seen = { featureRow: [0, -1, 1, -1], observation: [0, 0, 1, 7, 0.25, 0, 3, 7] }
