import { outcomeTable } from '../mdp/outcome-table.js'
import { TableEnv } from '../mdp/table-env.js'
import { type GamblerConfig, gamblerConfig } from './config.js'

export const GAMBLER_VERSION = '1'

/**
 * The gambler's problem (Sutton and Barto 2018, example 4.3): bet on coin flips until the goal is reached or all is lost.
 *
 * Actions: the stake in whole dollars, 0..floor(goal / 2). Legal are at most the capital and at most what is missing to the
 * goal; 0 only where `allowZero`. Heads, with probability `headProbability`, wins the stake; tails loses it.
 * State and observation: the capital, 0..goal dollars; as a vector, one-hot.
 * Reward: 1 on reaching the goal, else 0: undiscounted, a value is a probability of winning.
 * Start: `start`, or uniform over 1..goal-1. End: terminated at 0 and at the goal; truncated after `limitSteps` steps.
 * Versions: 1, first.
 */
export class Gambler extends TableEnv {
  constructor(config: GamblerConfig = gamblerConfig.parse({})) {
    super(gamblerTable(config), {
      id: 'gambler',
      version: GAMBLER_VERSION,
      limitSteps: config.limitSteps,
      limitAs: 'truncated',
    })
  }
}

function gamblerTable({ goal, headProbability, allowZero, start }: GamblerConfig) {
  const stakes = Array.from({ length: Math.floor(goal / 2) + 1 }, (_, stake) => stake)
  return outcomeTable({
    numStates: goal + 1,
    actionLabels: stakes.map((stake) => `stake ${stake}`),
    ends: [0, goal],
    starts: start === 'uniform' ? Array.from({ length: goal - 1 }, (_, i) => i + 1) : [start],
    outcomes: (capital, stake, add) => {
      if (stake > largestStake(capital, goal) || (stake === 0 && !allowZero)) return
      if (stake === 0) {
        add(capital, 1, 0)
        return
      }
      const won = capital + stake
      add(won, headProbability, won === goal ? 1 : 0)
      add(capital - stake, 1 - headProbability, 0)
    },
  })
}

/** The most a capital can stake: all of it, or what is missing to the goal. */
export function largestStake(capital: number, goal: number): number {
  return Math.min(capital, goal - capital)
}
