import { gridPolicyView } from '../gridworld/grid-policy-view.js'
import { defineEnv } from '../registry.js'
import { CLIFF_COLUMNS, CLIFF_ROWS, CLIFF_WALKING_VERSION, CliffWalking, isCliff } from './cliff-walking.js'
import { type CliffWalkingConfig, cliffWalkingConfig } from './config.js'
import { cliffPolicies } from './policies.js'

export const cliffWalking = defineEnv<CliffWalkingConfig>({
  name: 'cliff-walking',
  aliases: ['CliffWalking-v1'],
  summary: 'one agent walks along a cliff, slippery or not, without falling off (Gymnasium)',
  version: CLIFF_WALKING_VERSION,
  schema: cliffWalkingConfig,
  create: (config) => new CliffWalking(config),
  policies: cliffPolicies,
  policyView: (config) => {
    const { table } = new CliffWalking(config)
    const isDrawn = (cell: number) => table.terminal[cell] === 0 && !isCliff(cell)
    return gridPolicyView(CLIFF_ROWS, CLIFF_COLUMNS, table.actionLabels, isDrawn, (cell) => {
      if (isCliff(cell)) return 'cliff'
      return table.terminal[cell] === 1 ? 'goal' : table.start[cell]! > 0 ? 'start' : null
    })
  },
})
