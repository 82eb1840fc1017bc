import { outcomeTable } from '../mdp/outcome-table.js'
import { TableEnv } from '../mdp/table-env.js'
import { type ForestConfig, forestConfig } from './config.js'

export const FOREST_VERSION = '1'

export const WAIT = 0
export const CUT = 1

/**
 * Forest management, the example of MDP toolboxes (`example.forest` of pymdptoolbox): keep an old forest for its wildlife or
 * cut it for its wood, while fires burn.
 *
 * Actions: 0 wait, 1 cut, both legal everywhere; a step is a year.
 * State and observation: the forest's age, 0..states-1, the last one for all that are older; as a vector, one-hot.
 * Waiting: back to age 0 with probability `fireProbability`, else one older. Cutting: back to age 0.
 * Reward: waiting earns `waitReward` at the oldest age, else 0, fire or not; cutting earns 0 at age 0, `cutReward` at the
 * oldest age, else 1. With two ages, the oldest age's rewards count at age 1.
 * Start: `start`, or uniform over the ages. End: never terminated; truncated after `limitSteps` steps.
 * Versions: 1, first.
 */
export class Forest extends TableEnv {
  constructor(config: ForestConfig = forestConfig.parse({})) {
    super(forestTable(config), {
      id: 'forest',
      version: FOREST_VERSION,
      limitSteps: config.limitSteps,
      limitAs: 'truncated',
    })
  }
}

function forestTable({ states, waitReward, cutReward, fireProbability, start }: ForestConfig) {
  const oldest = states - 1
  return outcomeTable({
    numStates: states,
    actionLabels: ['wait', 'cut'],
    ends: [],
    starts: start === 'uniform' ? Array.from({ length: states }, (_, age) => age) : [start],
    outcomes: (age, action, add) => {
      if (action === CUT) {
        add(0, 1, age === 0 ? 0 : age === oldest ? cutReward : 1)
        return
      }
      const reward = age === oldest ? waitReward : 0
      add(0, fireProbability, reward)
      add(Math.min(age + 1, oldest), 1 - fireProbability, reward)
    },
  })
}
