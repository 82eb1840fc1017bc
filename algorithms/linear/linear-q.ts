import { z } from 'zod'
import { defineLearner } from '../learner.js'
import { initLinearQ, linearQUpdate, type StepSchedule } from '../regression/gradient-descent.js'
import { scheduleAt, scheduleConfig } from '../schedule.js'
import { explorationConfig, feedbackConfig, needs } from './learning-config.js'
import { OnlineLearner } from './online-learner.js'

const rate = z.number().gt(0)
const rateSchedule = scheduleConfig.refine(
  (schedule) => (typeof schedule === 'number' ? schedule > 0 : schedule.from > 0 && schedule.to > 0),
  'expected rates above 0',
)

const linearQConfig = z.strictObject({
  feedback: feedbackConfig,
  exploration: explorationConfig,
  stepSize: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('constant'), rate: rateSchedule }),
      z.strictObject({ kind: z.literal('count'), rate, power: z.number().min(0).max(1).default(0.5) }),
      z.strictObject({ kind: z.literal('adagrad'), rate }),
    ])
    .default({ kind: 'constant', rate: 0.05 })
    .describe(
      'step size of each weight: constant rate (or its schedule over the steps), below 1 over the squared length of what is seen; count: rate / n^power after n steps; adagrad: rate / root of the sum of squared gradients',
    ),
  penalty: z
    .number()
    .min(0)
    .default(0)
    .describe('share of a weight that a step takes away where its feature is active'),
})

/**
 * Linear Q by stochastic gradient descent (Sutton and Barto 2018, section 9.3): one step on the squared error of each
 * target. Deviation: step sizes are kept for each action and feature, see regression/gradient-descent.ts.
 */
export const linearQ = defineLearner<z.infer<typeof linearQConfig>>({
  name: 'linear-q',
  aliases: [],
  summary: 'linear values on sparse features and observations, by stochastic gradient descent',
  version: '2',
  schema: linearQConfig,
  needs,
  forms: {
    arrays: (context, { exploration, stepSize, penalty }) =>
      new OnlineLearner(context, { rule: 'epsilon-greedy', amount: exploration }, (input, actions) => {
        const state = initLinearQ(actions, input.columns)
        const kept = { weights: state.weights, arrays: { weights: state.weights, schedule: state.schedule } }
        if (stepSize.kind !== 'constant') {
          return {
            ...kept,
            update: (x, action, target) => linearQUpdate(state, x, 0, action, target, stepSize, penalty),
          }
        }
        const steps = { kind: 'constant', rate: 0 } satisfies StepSchedule
        return {
          ...kept,
          update(x, action, target, step) {
            steps.rate = scheduleAt(stepSize.rate, step, context.totalSteps)
            return linearQUpdate(state, x, 0, action, target, steps, penalty)
          },
        }
      }),
  },
})
