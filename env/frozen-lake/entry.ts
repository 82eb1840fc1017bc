import { gridPolicyView } from '../gridworld/grid-policy-view.js'
import { defineEnv } from '../registry.js'
import { type FrozenLakeConfig, frozenLakeConfig, lakeRows } from './config.js'
import { FROZEN_LAKE_VERSION, FrozenLake } from './frozen-lake.js'

const places: { readonly [letter: string]: string | null } = { S: 'start', F: null, H: 'hole', G: 'goal' }

export const frozenLake = defineEnv<FrozenLakeConfig>({
  name: 'frozen-lake',
  aliases: ['FrozenLake-v1'],
  summary: 'one agent crosses slippery ice without falling into a hole (Gymnasium)',
  version: FROZEN_LAKE_VERSION,
  schema: frozenLakeConfig,
  create: (config) => new FrozenLake(config),
  policyView: (config) => {
    const rows = lakeRows(config)
    const { table } = new FrozenLake(config)
    const letters = rows.join('')
    const isDrawn = (cell: number) => table.terminal[cell] === 0
    return gridPolicyView(rows.length, rows[0]!.length, table.actionLabels, isDrawn, (cell) => places[letters[cell]!]!)
  },
})
