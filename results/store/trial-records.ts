import { z } from 'zod'
import { trialId } from './manifest.js'

const step = z.int().min(0)

/** A line of `metrics.jsonl`: something measured while learning. Nothing that depends on time or machine. */
export const metricSchema = z.strictObject({ step, name: z.string().min(1), value: z.number() })

/** A line of `timing.jsonl`: wall seconds spent learning up to this step. */
export const timingSchema = z.strictObject({ step, seconds: z.number().min(0) })

/** A line of `evaluations.jsonl`: the policy's score after `step` environment steps. */
export const evaluationSchema = z.strictObject({
  step,
  score: z.number(),
  method: z.enum(['exact', 'sampled']),
  /** Episodes sampled; null for exact evaluation. */
  episodes: z.int().min(1).nullable(),
  /** What was played: the most probable actions, or the policy's draws. Runs of before are greedy. */
  act: z.enum(['greedy', 'sampled']).default('greedy'),
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
  /** Why its policy could not be saved; absent where it was, or was not to be. */
  unsaved: z.string().optional(),
  error: z.strictObject({ code: z.string(), message: z.string(), stack: z.string().optional() }).optional(),
})

const policyViewPanel = z
  .strictObject({
    title: z.string(),
    xLabel: z.string(),
    yLabel: z.string(),
    x: z.array(z.string()),
    y: z.array(z.string()),
    /** [y][x], null for an empty cell. */
    choice: z.array(z.array(z.string().nullable())),
    /** Maps only, [y][x]: what a cell is besides free ground, such as hole or goal; null = nothing. */
    places: z.array(z.array(z.string().nullable())).optional(),
    /** Maps only: cells [y, x] with a wall on their right. */
    walls: z.array(z.tuple([z.int().min(0), z.int().min(0)])).optional(),
    /** Maps with a model only, [y][x]: V of the policy; null in empty cells and where it has no finite value. */
    value: z.array(z.array(z.number().nullable())).optional(),
  })
  .superRefine((panel, context) => {
    for (const key of ['choice', 'places', 'value'] as const) {
      const cells = panel[key]
      if (cells === undefined || fits(cells, panel.y.length, panel.x.length)) continue
      const message = 'expected one row for each of y and one cell for each of x'
      context.addIssue({ code: 'custom', path: [key], message })
    }
  })

function fits(cells: readonly (readonly unknown[])[], height: number, width: number): boolean {
  return cells.length === height && cells.every((row) => row.length === width)
}

/** `policy-view.json`: a policy drawn for people, as tables of named choices. */
export const policyViewSchema = z.strictObject({
  title: z.string(),
  /** All choices, in the order of the legend. */
  legend: z.array(z.string()),
  panels: z.array(policyViewPanel),
  /** What isn't drawn, and why. */
  note: z.string().optional(),
})

export type Metric = z.infer<typeof metricSchema>
export type Timing = z.infer<typeof timingSchema>
export type Evaluation = z.infer<typeof evaluationSchema>
export type TrialResult = z.infer<typeof trialResultSchema>
export type PolicyViewRecord = z.infer<typeof policyViewSchema>
export type PolicyViewPanelRecord = PolicyViewRecord['panels'][number]
