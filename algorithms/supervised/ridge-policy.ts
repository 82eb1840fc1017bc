import { z } from 'zod'
import { SpaceError } from '#env/errors.js'
import { definePolicy } from '#env/registry.js'
import { chooseLambda, contrasts, lambdaConfig, type RidgeTargets } from '../regression/choose-lambda.js'
import type { LinearModel } from '../regression/linear-model.js'
import { fitRidge } from '../regression/ridge.js'
import { labelledRows, linearPolicyOf, targetsOf } from './labelled-rows.js'

const ridgeConfig = z.strictObject({ lambda: lambdaConfig.default(5) })

/**
 * Ridge regression on everything known of the training rows: of two actions on the gap between their rewards, which alone
 * decides (values are minus and plus half of it), of more on each action's. `lambda: auto` is picked inside the training rows.
 */
export const ridge = definePolicy<unknown, z.infer<typeof ridgeConfig>>({
  name: 'ridge',
  aliases: ['tfidf-ridge'],
  summary: 'ridge regression of the rewards of all actions on training rows; of two actions, of their gap',
  schema: ridgeConfig,
  create: (context, { lambda: wanted }) => {
    const rows = labelledRows('ridge', context)
    const outputs = Array.from(rows.actions, (_, label) => targetsOf(rows, label))
    const lambda = wanted === 'auto' ? chooseLambda(rows.x, contrasts(outputs), rows.keys) : wanted
    const fitted = ({ target, weight }: RidgeTargets): LinearModel => {
      if (!weight.some((w) => w > 0)) {
        throw new SpaceError(
          `ridge: no training row of ${context.spec.id} tells the reward of every action it compares; check the outcome table for empty columns`,
        )
      }
      return fitRidge(rows.x, target, { lambda, sampleWeights: weight })
    }
    if (outputs.length !== 2) return linearPolicyOf(rows, outputs.map(fitted))
    const [weak, strong] = outputs as [RidgeTargets, RidgeTargets]
    const gap = fitted({
      target: strong.target.map((y, r) => y - weak.target[r]!),
      weight: strong.weight.map((w, r) => w * weak.weight[r]!),
    })
    const half = (sign: number): LinearModel => ({
      weights: gap.weights.map((w) => (sign * w) / 2),
      intercept: (sign * gap.intercept) / 2,
    })
    return linearPolicyOf(rows, [half(-1), half(1)])
  },
})
