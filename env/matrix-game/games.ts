import type { PayoffTensor } from './payoff-tensor.js'

/** Payoffs of a game: one tensor that all agents share, or one an agent. */
export interface GamePayoffs {
  readonly shared: boolean
  readonly tensors: readonly PayoffTensor[]
}

/** Games of two with a name. */
export type PresetGame = 'climbing' | 'penalty' | 'rock-paper-scissors' | 'stag-hunt' | 'prisoners-dilemma'

/**
 * The payoffs of a classic game of two; the first level is the first agent's action.
 * climbing, penalty: Claus and Boutilier (1998). prisoners-dilemma (cooperate, defect): temptation 5, reward 3,
 * punishment 1, sucker 0 (Axelrod 1984). stag-hunt (stag, hare): a stag is worth 2 to each but takes both, a hare is
 * worth 1 and takes one.
 * @param k - penalty's cost of missing each other
 */
export function presetPayoffs(game: PresetGame, k: number): GamePayoffs {
  switch (game) {
    case 'climbing':
      return {
        shared: true,
        tensors: [
          [
            [11, -30, 0],
            [-30, 7, 6],
            [0, 0, 5],
          ],
        ],
      }
    case 'penalty':
      return {
        shared: true,
        tensors: [
          [
            [10, 0, k],
            [0, 2, 0],
            [k, 0, 10],
          ],
        ],
      }
    case 'rock-paper-scissors':
      return symmetric([
        [0, -1, 1],
        [1, 0, -1],
        [-1, 1, 0],
      ])
    case 'stag-hunt':
      return symmetric([
        [2, 0],
        [1, 1],
      ])
    case 'prisoners-dilemma':
      return symmetric([
        [3, 0],
        [5, 1],
      ])
  }
}

/** A game in which the second agent is paid as the first would be in its place. */
function symmetric(first: readonly (readonly number[])[]): GamePayoffs {
  const second = first.map((row, i) => row.map((_, j) => first[j]![i]!))
  return { shared: false, tensors: [first, second] }
}
