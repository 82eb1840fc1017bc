import { type AddOutcome, outcomeTable } from '../mdp/outcome-table.js'
import { TableEnv } from '../mdp/table-env.js'
import { CITY_SIZE, depots, headings, IN_TAXI, neighbour, sideways, taxiState } from './city.js'
import { type TaxiConfig, taxiConfig } from './config.js'

export const TAXI_VERSION = '1'

const PICK_UP = 4
const cells = Array.from({ length: CITY_SIZE * CITY_SIZE }, (_, cell) => cell)
const NUM_STATES = cells.length * (depots.length + 1) * depots.length

/**
 * Taxi-v3 of Gymnasium (Dietterich 2000, section 3.1): fetch a passenger at one of four depots and bring them to another.
 *
 * Map, walls as bars: |R: | : :G| / | : | : : | / | : : : : | / | | : | : | / |Y| : |B: |.
 * Actions: 0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off, all legal everywhere. A move into a wall or off the
 * map leaves the taxi where it is. With `rainProbability` a move that nothing blocks goes sideways instead, half to each
 * side, and stays where the side is blocked; the rainy variant of Taxi-v4 is 0.2.
 * State and observation: ((row * 5 + column) * 5 + passenger) * 4 + destination, 500 numbers; passenger 0 red, 1 green,
 * 2 yellow, 3 blue, 4 in the taxi; destination likewise; as a vector, one-hot.
 * Reward: -1 a step; 20 for delivering the passenger; -10 for picking up where no passenger waits and for dropping off
 * without a passenger or away from the depots. Putting the passenger down at another depot is legal (-1).
 * Start: uniform over the 300 states with the passenger at one depot and the destination another.
 * End: terminated on delivery; truncated after `limitSteps` steps.
 * Transitions equal the original's table, but for moves that nobody can make: with the passenger left at the
 * destination and the taxi elsewhere, joining them ends the episode here and doesn't there. The original's action mask,
 * which hides actions without effect, is not used; its passenger who changes their mind is left out.
 * Versions: 1, first.
 */
export class Taxi extends TableEnv {
  constructor(config: TaxiConfig = taxiConfig.parse({})) {
    super(taxiTable(config.rainProbability), {
      id: 'taxi',
      version: TAXI_VERSION,
      limitSteps: config.limitSteps,
      limitAs: 'truncated',
    })
  }
}

function taxiTable(rain: number) {
  const others = (destination: number) => depots.flatMap((_, place) => (place === destination ? [] : [place]))
  return outcomeTable({
    numStates: NUM_STATES,
    actionLabels: [...headings.map(({ label }) => label), 'pick up', 'drop off'],
    ends: depots.map(({ cell }, d) => taxiState(cell, d, d)),
    starts: cells.flatMap((cell) => depots.flatMap((_, d) => others(d).map((place) => taxiState(cell, place, d)))),
    outcomes: (state, action, add) => {
      const destination = state % depots.length
      const passenger = Math.floor(state / depots.length) % (depots.length + 1)
      const cell = Math.floor(state / depots.length / (depots.length + 1))
      if (action < PICK_UP) addMoves(cell, action, rain, (to, p) => add(taxiState(to, passenger, destination), p, -1))
      else if (action === PICK_UP) addPickUp(cell, passenger, destination, add)
      else addDropOff(cell, passenger, destination, add)
    },
  })
}

/** As meant, to the left, to the right. */
function addMoves(cell: number, heading: number, rain: number, add: (cell: number, probability: number) => void): void {
  const ahead = neighbour(cell, heading)
  if (rain === 0 || ahead === cell) {
    add(ahead, 1)
    return
  }
  add(ahead, 1 - rain)
  for (const side of sideways[heading]!) add(neighbour(cell, side), rain / 2)
}

function addPickUp(cell: number, passenger: number, destination: number, add: AddOutcome): void {
  const waits = passenger !== IN_TAXI && depots[passenger]!.cell === cell
  add(taxiState(cell, waits ? IN_TAXI : passenger, destination), 1, waits ? -1 : -10)
}

function addDropOff(cell: number, passenger: number, destination: number, add: AddOutcome): void {
  const here = depots.findIndex((depot) => depot.cell === cell)
  if (passenger !== IN_TAXI || here < 0) add(taxiState(cell, passenger, destination), 1, -10)
  else add(taxiState(cell, here, destination), 1, here === destination ? 20 : -1)
}
