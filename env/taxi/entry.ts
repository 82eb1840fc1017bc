import type { PolicyViewPanel } from '../policy-view.js'
import { defineEnv } from '../registry.js'
import { CITY_SIZE, depots, IN_TAXI, taxiState, walledEast } from './city.js'
import { type TaxiConfig, taxiConfig } from './config.js'
import { NUM_STATES, TAXI_VERSION, Taxi } from './taxi.js'

const along = Array.from({ length: CITY_SIZE }, (_, i) => i)

function depotAt(cell: number): string | null {
  return depots.find((depot) => depot.cell === cell)?.name ?? null
}

/** The city for one place of the passenger and one destination; in the taxi, of passengers who no longer change their mind. */
function panel(passenger: number, destination: number, fickle: boolean): PolicyViewPanel {
  const settled = fickle && passenger === IN_TAXI ? NUM_STATES : 0
  const from = passenger === IN_TAXI ? 'passenger in the taxi' : `passenger at ${depots[passenger]!.name}`
  return {
    title: `${from}, to ${depots[destination]!.name}`,
    xLabel: 'column',
    yLabel: 'row',
    x: along.map(String),
    y: along.map(String),
    states: along.map((row) =>
      along.map((column) => settled + taxiState(row * CITY_SIZE + column, passenger, destination)),
    ),
    places: along.map((row) => along.map((column) => depotAt(row * CITY_SIZE + column))),
    walls: [...walledEast].map((cell) => [Math.floor(cell / CITY_SIZE), cell % CITY_SIZE]),
  }
}

export const taxi = defineEnv<TaxiConfig>({
  name: 'taxi',
  aliases: ['Taxi-v3'],
  summary: 'one taxi fetches a passenger at a depot and brings them to another (Gymnasium)',
  version: TAXI_VERSION,
  schema: taxiConfig,
  create: (config) => new Taxi(config),
  policyView: (config) => {
    const { actionLabels } = new Taxi(config).table
    const places = [...depots.keys(), IN_TAXI]
    return {
      title: 'What the taxi does, by passenger and destination',
      panels: places.flatMap((place) =>
        [...depots.keys()].flatMap((destination) =>
          place === destination ? [] : [panel(place, destination, config.fickleProbability > 0)],
        ),
      ),
      legend: actionLabels,
      describe: (jointAction) => actionLabels[jointAction[0]!]!,
    }
  },
})
