import { defineEnv } from '../registry.js'
import { CAR_RENTAL_VERSION, CarRental, moveLabels } from './car-rental.js'
import { type CarRentalConfig, carRentalConfig } from './config.js'
import { rentalPolicies } from './policies.js'

export const carRental = defineEnv<CarRentalConfig>({
  name: 'car-rental',
  aliases: [],
  summary: 'two locations rent out cars, moved overnight at a price (Sutton and Barto, example 4.2)',
  version: CAR_RENTAL_VERSION,
  schema: carRentalConfig,
  create: (config) => new CarRental(config),
  policies: rentalPolicies,
  policyView: ({ maxCars, maxMoves }) => {
    const cars = Array.from({ length: maxCars + 1 }, (_, n) => n)
    const legend = moveLabels(maxMoves)
    return {
      title: 'Which cars are moved overnight',
      panels: [
        {
          title: 'cars at the end of the day',
          xLabel: 'cars at the second location',
          yLabel: 'cars at the first',
          x: cars.map(String),
          y: cars.map(String),
          states: cars.map((first) => cars.map((second) => first * (maxCars + 1) + second)),
        },
      ],
      legend,
      describe: (jointAction) => legend[jointAction[0]!]!,
    }
  },
})
