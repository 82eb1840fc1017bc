import { z } from 'zod'
import { trialId } from './manifest.js'

const step = z.int().min(0)

/** A line of `metrics.jsonl`: something measured while learning. Nothing that depends on time or machine. */
export const metricSchema = z.strictObject({ step, name: z.string().min(1), value: z.number() })

/** A line of `timing.jsonl`: wall seconds spent learning up to this step. */
export const timingSchema = z.strictObject({ step, seconds: z.number().min(0) })

/** A line of `evaluations.jsonl`: the greedy policy's score after `step` environment steps. */
export const evaluationSchema = z.strictObject({
  step,
  score: z.number(),
  method: z.enum(['exact', 'sampled']),
  /** Episodes sampled; null for exact evaluation. */
  episodes: z.int().min(1).nullable(),
})

/** `trial.json`: how a trial ended. Written last, so that its presence means the trial is over. */
export const trialResultSchema = z.strictObject({
  format: z.literal('cadre-trial/1'),
  id: trialId,
  algorithm: z.string(),
  environment: z.string(),
  seed: z.int(),
  /** Of a cross-validation: index into the folds of the environment in the run's routing.json. */
  fold: z.int().min(0).optional(),
  status: z.enum(['done', 'failed']),
  /** Environment steps taken. */
  steps: step,
  /** Score of the last policy: the score of the trial. */
  final: z.number().nullable(),
  /** Highest score of any evaluation, shown beside it. */
  best: z.number().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
})

/** `policy-view.json`: a policy drawn for people, as tables of named choices. */
export const policyViewSchema = z.strictObject({
  title: z.string(),
  /** All choices, in the order of the legend. */
  legend: z.array(z.string()),
  panels: z.array(
    z
      .strictObject({
        title: z.string(),
        xLabel: z.string(),
        yLabel: z.string(),
        x: z.array(z.string()),
        y: z.array(z.string()),
        /** [y][x], null for an empty cell. */
        choice: z.array(z.array(z.string().nullable())),
      })
      .refine(
        (panel) => panel.choice.length === panel.y.length && panel.choice.every((row) => row.length === panel.x.length),
        { path: ['choice'], error: 'expected one row for each of y and one cell for each of x' },
      ),
  ),
})

export type Metric = z.infer<typeof metricSchema>
export type Timing = z.infer<typeof timingSchema>
export type Evaluation = z.infer<typeof evaluationSchema>
export type TrialResult = z.infer<typeof trialResultSchema>
export type PolicyViewRecord = z.infer<typeof policyViewSchema>
