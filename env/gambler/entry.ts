import { defineEnv } from '../registry.js'
import { type GamblerConfig, gamblerConfig } from './config.js'
import { GAMBLER_VERSION, Gambler } from './gambler.js'
import { gamblerPolicies } from './policies.js'

/** Highest goal whose policies are drawn: a colour a stake can't be told apart anyway. */
const DRAWN_GOAL = 200

export const gambler = defineEnv<GamblerConfig>({
  name: 'gambler',
  aliases: [],
  summary: 'one gambler bets on coin flips until the goal or ruin (Sutton and Barto, example 4.3)',
  version: GAMBLER_VERSION,
  schema: gamblerConfig,
  create: (config) => new Gambler(config),
  policies: gamblerPolicies,
  policyView: (config) => {
    const { goal } = config
    const { actionLabels } = new Gambler(config).table
    const tens = Array.from({ length: goal > DRAWN_GOAL ? 0 : Math.floor(goal / 10) + 1 }, (_, ten) => 10 * ten)
    const units = Array.from({ length: 10 }, (_, unit) => unit)
    const stateAt = (capital: number) => (capital > 0 && capital < goal ? capital : -1)
    return {
      title: 'What the gambler stakes',
      panels: [
        {
          title: 'capital',
          xLabel: 'and',
          yLabel: 'dollars',
          x: units.map(String),
          y: tens.map(String),
          states: tens.map((ten) => units.map((unit) => stateAt(ten + unit))),
        },
      ],
      legend: actionLabels,
      describe: (jointAction) => actionLabels[jointAction[0]!]!,
    }
  },
})
