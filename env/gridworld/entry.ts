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
    const { rows, columns, walls, teleports } = resolveLayout(config)
    const { table } = new Gridworld(config)
    const started = config.start === 'uniform' ? -1 : config.start[0] * columns + config.start[1]
    const walled = new Set(walls.map(([row, column]) => row * columns + column))
    const leads = new Map(teleports.map(({ from, to }) => [from[0] * columns + from[1], to]))
    const isDrawn = (cell: number) => table.terminal[cell] === 0 && !walled.has(cell)
    return gridPolicyView(rows, columns, table.actionLabels, isDrawn, (cell) => {
      if (walled.has(cell)) return 'wall'
      if (table.terminal[cell] === 1) return 'end'
      const to = leads.get(cell)
      if (to !== undefined) return `leads to ${to[0]}, ${to[1]}`
      return cell === started ? 'start' : null
    })
  },
})
