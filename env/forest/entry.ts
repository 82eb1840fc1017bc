import { defineEnv } from '../registry.js'
import { type ForestConfig, forestConfig } from './config.js'
import { FOREST_VERSION, Forest } from './forest.js'
import { forestPolicies } from './policies.js'

/** Oldest age that is drawn; older forests are left out of the picture. */
const DRAWN_AGES = 64

export const forest = defineEnv<ForestConfig>({
  name: 'forest',
  aliases: [],
  summary: 'one forester waits or cuts while fires burn: the example of MDP toolboxes',
  version: FOREST_VERSION,
  schema: forestConfig,
  create: (config) => new Forest(config),
  policies: forestPolicies,
  policyView: ({ states }) => {
    const ages = Array.from({ length: Math.min(states, DRAWN_AGES) }, (_, age) => age)
    const legend = ['wait', 'cut']
    return {
      title: 'What to do with the forest at each age',
      panels: [{ title: 'ages', xLabel: 'age', yLabel: '', x: ages.map(String), y: [''], states: [ages] }],
      legend,
      describe: (jointAction) => legend[jointAction[0]!]!,
    }
  },
})
