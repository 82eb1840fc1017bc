import { z } from 'zod'
import { StatePolicy } from '../mdp/state-policy.js'
import { definePolicy, type PolicyEntry } from '../registry.js'
import type { CarRentalConfig } from './config.js'

const noConfig = z.strictObject({})

/** The policy that policy iteration starts from in the book, and a rule of thumb. */
export const rentalPolicies: readonly PolicyEntry<CarRentalConfig>[] = [
  definePolicy({
    name: 'move-none',
    aliases: [],
    summary: 'never moves a car',
    schema: noConfig,
    create: ({ envConfig }) => new StatePolicy(() => envConfig.maxMoves),
  }),
  definePolicy({
    name: 'balance',
    aliases: [],
    summary: 'moves cars until both locations have as many, or as far as a night allows',
    schema: noConfig,
    create: ({ envConfig: { maxCars, maxMoves } }) =>
      new StatePolicy((state) => {
        const surplus = Math.floor(state / (maxCars + 1)) - (state % (maxCars + 1))
        return maxMoves + Math.max(-maxMoves, Math.min(maxMoves, Math.trunc(surplus / 2)))
      }),
  }),
]
