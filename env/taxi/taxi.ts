import { outcomeTable } from '../mdp/outcome-table.js'
import { TableEnv } from '../mdp/table-env.js'
import { CITY_SIZE, depots, headings, IN_TAXI, neighbour, sideways, taxiState } from './city.js'
import { type TaxiConfig, taxiConfig } from './config.js'

export const TAXI_VERSION = '1'

const PICK_UP = 4
const cells = Array.from({ length: CITY_SIZE * CITY_SIZE }, (_, cell) => cell)
const NUM_ERRANDS = (depots.length + 1) * depots.length
/** States of passengers who know where they want to go. */
export const NUM_STATES = cells.length * NUM_ERRANDS

/**
 * Taxi-v3 of Gymnasium (Dietterich 2000, section 3.1): fetch a passenger at one of four depots and bring them to another.
 *
 * Map, walls as bars: |R: | : :G| / | : | : : | / | : : : : | / | | : | : | / |Y| : |B: |.
 * Actions: 0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off, all legal everywhere. A move into a wall or off the
 * map leaves the taxi where it is. With `rainProbability` a move that nothing blocks goes sideways instead, half to each
 * side, and stays where the side is blocked; the rainy variant of Taxi-v4 is 0.2.
 * State and observation: ((row * 5 + column) * 5 + passenger) * 4 + destination, 500 numbers; passenger 0 red, 1 green,
 * 2 yellow, 3 blue, 4 in the taxi; destination likewise; as a vector, one-hot.
 * A fickle passenger: the first time that the taxi changes cells with them in it, they change their destination with
 * `fickleProbability`, to any of the other three; never again. Then, where it isn't 0, states are 1000: numbers from 500 on
 * once that moment has passed. (The original's fickle passenger, 0.3, doesn't show whether it has.)
 * Reward: -1 a step; 20 for delivering the passenger; -10 for picking up where no passenger waits and for dropping off
 * without a passenger or away from the depots. Putting the passenger down at another depot is legal (-1).
 * Start: uniform over the 300 states with the passenger at one depot and the destination another.
 * End: terminated on delivery; truncated after `limitSteps` steps.
 * Transitions equal the original's table, but for moves that nobody can make: with the passenger left at the
 * destination and the taxi elsewhere, joining them ends the episode here and doesn't there. The original's action mask,
 * which hides actions without effect, is not used.
 * Versions: 1, first.
 */
export class Taxi extends TableEnv {
  constructor(config: TaxiConfig = taxiConfig.parse({})) {
    super(taxiTable(config), {
      id: 'taxi',
      version: TAXI_VERSION,
      limitSteps: config.limitSteps,
      limitAs: 'truncated',
    })
  }
}

function taxiTable({ rainProbability, fickleProbability }: TaxiConfig) {
  const others = (destination: number) => depots.flatMap((_, place) => (place === destination ? [] : [place]))
  const delivered = depots.map(({ cell }, d) => taxiState(cell, d, d))
  const fickle = fickleProbability > 0
  return outcomeTable({
    numStates: fickle ? 2 * NUM_STATES : NUM_STATES,
    actionLabels: [...headings.map(({ label }) => label), 'pick up', 'drop off'],
    ends: fickle ? [...delivered, ...delivered.map((state) => state + NUM_STATES)] : delivered,
    starts: cells.flatMap((cell) => depots.flatMap((_, d) => others(d).map((place) => taxiState(cell, place, d)))),
    outcomes: (state, action, add) => {
      const settled = state - (state % NUM_STATES)
      const destination = state % depots.length
      const passenger = Math.floor(state / depots.length) % (depots.length + 1)
      const cell = Math.floor((state % NUM_STATES) / NUM_ERRANDS)
      if (action === PICK_UP) {
        const waits = passenger !== IN_TAXI && depots[passenger]!.cell === cell
        add(settled + taxiState(cell, waits ? IN_TAXI : passenger, destination), 1, waits ? -1 : -10)
        return
      }
      if (action > PICK_UP) {
        const here = depots.findIndex((depot) => depot.cell === cell)
        if (passenger !== IN_TAXI || here < 0) add(state, 1, -10)
        else add(settled + taxiState(cell, here, destination), 1, here === destination ? 20 : -1)
        return
      }
      const mayChange = fickle && settled === 0 && passenger === IN_TAXI
      for (const [to, chance] of movesFrom(cell, action, rainProbability)) {
        if (!mayChange || to === cell) {
          add(settled + taxiState(to, passenger, destination), chance, -1)
          continue
        }
        add(NUM_STATES + taxiState(to, passenger, destination), chance * (1 - fickleProbability), -1)
        for (const other of others(destination)) {
          add(NUM_STATES + taxiState(to, passenger, other), (chance * fickleProbability) / 3, -1)
        }
      }
    },
  })
}

/** Cells that a heading leads to, with their probabilities: as meant, to the left, to the right. */
function movesFrom(cell: number, heading: number, rain: number): readonly (readonly [cell: number, chance: number])[] {
  const ahead = neighbour(cell, heading)
  if (rain === 0 || ahead === cell) return [[ahead, 1]]
  const [left, right] = sideways[heading]!
  return [
    [ahead, 1 - rain],
    [neighbour(cell, left), rain / 2],
    [neighbour(cell, right), rain / 2],
  ]
}
