import { z } from 'zod'
import { StatePolicy } from '../mdp/state-policy.js'
import { definePolicy, type PolicyEntry } from '../registry.js'
import type { GamblerConfig } from './config.js'
import { largestStake } from './gambler.js'

const noConfig = z.strictObject({})

/** Dubins and Savage (1965): bold play is optimal in a game against the gambler, timid play in one for them. */
export const gamblerPolicies: readonly PolicyEntry<GamblerConfig>[] = [
  definePolicy({
    name: 'bold-play',
    aliases: [],
    summary: 'stakes all, or what is missing to the goal: optimal where heads are less likely than tails',
    schema: noConfig,
    create: ({ envConfig }) => new StatePolicy((capital) => largestStake(capital, envConfig.goal)),
  }),
  definePolicy({
    name: 'timid-play',
    aliases: [],
    summary: 'stakes 1: optimal where heads are more likely than tails',
    schema: noConfig,
    create: () => new StatePolicy(() => 1),
  }),
]
