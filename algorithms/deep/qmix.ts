import { z } from 'zod'
import type { Graph } from '../graph/graph.js'
import type { Tensor } from '../graph/tensor.js'
import { defineLearner } from '../learner.js'
import { layer } from './network.js'
import { EpisodeDraws } from './replay/draws.js'
import type { Mixing } from './temporal-difference.js'
import { epymarlConfig, rateConfig } from './value-config.js'
import { ValueLearner } from './value-learner.js'

const qmixConfig = z.strictObject({
  ...epymarlConfig,
  learningRate: rateConfig(5e-4, 'EPyMARL: 0.0005; the paper: RMSprop with 0.0005'),
  mixer: z
    .strictObject({
      embedding: z.int().min(1).default(32).describe('units of the mixing network (the paper and EPyMARL: 32)'),
      hypernetwork: z
        .int()
        .min(1)
        .nullable()
        .default(64)
        .describe('hidden units of the networks that make its weights (EPyMARL: 64); null: none, as in the paper'),
    })
    .prefault({})
    .describe('how values of agents become that of the team'),
})

/** x where it is positive, e^x - 1 elsewhere (Clevert et al. 2016). */
function elu(graph: Graph, x: Tensor): Tensor {
  const below = graph.sub(graph.exp(graph.minimum(x, graph.scalar(0))), graph.scalar(1))
  return graph.add(graph.relu(x), below)
}

/**
 * The mixing network (section 4 and figure 2 of the paper): weights that are never negative, as they are the sizes of what
 * hypernetworks make of the state, so that the team's best joint action is each agent's best.
 */
export function monotonicMixing({ embedding, hypernetwork }: z.infer<typeof qmixConfig>['mixer']): Mixing {
  return {
    streams: 'team',
    readsState: true,
    mix(graph, chosen, state, parameter) {
      const [rows, agents] = chosen.shape as [number, number]
      const made = (name: string, outputs: number, hidden = hypernetwork) => {
        const seen =
          hidden === null
            ? state
            : layer(graph, state, parameter, { name: `mixer/${name}-layer`, outputs: hidden, activation: 'relu' })
        return layer(graph, seen, parameter, { name: `mixer/${name}`, outputs })
      }
      const first = graph.reshape(graph.abs(made('first', agents * embedding)), [rows, agents, embedding])
      const firstBias = made('first-bias', embedding, null)
      const last = graph.abs(made('last', embedding))
      const lastBias = made('last-bias', 1, embedding)

      const mixed = graph.matmul(graph.reshape(chosen, [rows, 1, agents]), first)
      const hidden = elu(graph, graph.add(graph.reshape(mixed, [rows, embedding]), firstBias))
      return graph.add(graph.sum(graph.mul(hidden, last), [1]), lastBias)
    },
  }
}

/**
 * QMIX (Rashid et al. 2018): the team's value is a monotonic function of its agents' values, made by the state; each agent acts by its
 * own. Learned from the team's reward, as the environment's score has it. Where the environment has no state, what all observe stands in
 * for it. Deviations from the paper: Adam in place of RMSprop, hypernetworks with a hidden layer, the double estimate (all as EPyMARL);
 * from EPyMARL: rewards aren't standardised; a step cut off at a time limit is no end.
 */
export const qmix = defineLearner<z.infer<typeof qmixConfig>>({
  name: 'qmix',
  aliases: [],
  summary: "the team's value as a monotonic function of its agents' values, mixed by the state",
  version: '1',
  schema: qmixConfig,
  forms: {
    arrays: (context, config) =>
      new ValueLearner(
        context,
        config,
        monotonicMixing(config.mixer),
        (shape) => new EpisodeDraws(shape, config.replay, context.spec.limitSteps),
      ),
  },
})
