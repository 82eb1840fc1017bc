import { z } from 'zod'
import { StatePolicy } from '../mdp/state-policy.js'
import { definePolicy, type PolicyEntry } from '../registry.js'
import { CLIFF_COLUMNS } from './cliff-walking.js'
import type { CliffWalkingConfig } from './config.js'

const up = 0
const right = 1
const down = 2

/** Up to the given row, along it to the last column, then down to the goal. */
function along(row: number) {
  return new StatePolicy((cell) => {
    if (cell % CLIFF_COLUMNS === CLIFF_COLUMNS - 1) return down
    return Math.floor(cell / CLIFF_COLUMNS) > row ? up : right
  })
}

const noConfig = z.strictObject({})

/** The two paths that the book compares. */
export const cliffPolicies: readonly PolicyEntry<CliffWalkingConfig>[] = [
  definePolicy({
    name: 'edge-path',
    aliases: [],
    summary: 'right along the edge of the cliff: the shortest way, 13 steps',
    schema: noConfig,
    create: () => along(2),
  }),
  definePolicy({
    name: 'safe-path',
    aliases: [],
    summary: 'along the row farthest from the cliff, 17 steps',
    schema: noConfig,
    create: () => along(0),
  }),
]
