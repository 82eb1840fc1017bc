import { defineEnv } from '../registry.js'
import { type GridworldConfig, gridworldConfig, resolveLayout } from './config.js'
import { gridPolicyView } from './grid-policy-view.js'
import { GRIDWORLD_VERSION, Gridworld } from './gridworld.js'

export const gridworld = defineEnv<GridworldConfig>({
  name: 'gridworld',
  aliases: ['grid'],
  summary: "one agent on a grid of cells: Sutton and Barto's examples, or a grid of your own",
  version: GRIDWORLD_VERSION,
  schema: gridworldConfig,
  create: (config) => new Gridworld(config),
  policyView: (config) => {
    const { rows, columns, walls } = resolveLayout(config)
    const { table } = new Gridworld(config)
    const walled = new Set(walls.map(([row, column]) => row * columns + column))
    return gridPolicyView(rows, columns, table.actionLabels, (cell) => table.terminal[cell] === 0 && !walled.has(cell))
  },
})
