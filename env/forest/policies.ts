import { z } from 'zod'
import { StatePolicy } from '../mdp/state-policy.js'
import { definePolicy, type PolicyEntry } from '../registry.js'
import type { ForestConfig } from './config.js'
import { CUT, WAIT } from './forest.js'

const noConfig = z.strictObject({})

/** What foresters who never look do, and one who waits for the oldest wood. */
export const forestPolicies: readonly PolicyEntry<ForestConfig>[] = [
  definePolicy({
    name: 'always-wait',
    aliases: [],
    summary: 'never cuts: optimal for an old forest worth keeping',
    schema: noConfig,
    create: () => new StatePolicy(() => WAIT),
  }),
  definePolicy({
    name: 'cut-when-old',
    aliases: [],
    summary: 'cuts once the forest has reached its oldest age',
    schema: noConfig,
    create: ({ envConfig }) => new StatePolicy((age) => (age === envConfig.states - 1 ? CUT : WAIT)),
  }),
  definePolicy({
    name: 'cut-young',
    aliases: [],
    summary: 'cuts as soon as there is something to sell',
    schema: noConfig,
    create: () => new StatePolicy((age) => (age > 0 ? CUT : WAIT)),
  }),
]
