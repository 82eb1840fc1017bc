import { defineEnv } from '../registry.js'
import { type LbfConfig, lbfConfig } from './config.js'
import { LBF_VERSION, Lbf } from './lbf.js'
import { lbfTrace } from './trace.js'

export const lbf = defineEnv<LbfConfig>({
  name: 'lbf',
  aliases: ['foraging', 'level-based-foraging'],
  summary: 'agents with levels gather food that some can only lift together (level-based foraging, v3)',
  version: LBF_VERSION,
  schema: lbfConfig,
  create: (config) => new Lbf(config),
  trace: lbfTrace,
})
