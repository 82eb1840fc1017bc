import { defineEnv } from '../registry.js'
import { type TwoStepConfig, twoStepConfig } from './config.js'
import { TWO_STEP_VERSION, TwoStep } from './two-step.js'

export const twoStep = defineEnv<TwoStepConfig>({
  name: 'two-step',
  aliases: [],
  summary: 'two agents, two steps: the game that value decomposition by sums gets wrong (QMIX paper)',
  version: TWO_STEP_VERSION,
  schema: twoStepConfig,
  create: () => new TwoStep(),
})
