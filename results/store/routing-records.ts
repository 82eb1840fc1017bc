import { z } from 'zod'

const share = z.number().min(0).max(1)
const index = z.int().min(0)

/** A policy on the held-out rows of one fold. Qualities are means over the rows, costs mean USD a query. */
export const routingScoreSchema = z.strictObject({
  /** Held-out rows. */
  rows: z.int().min(1),
  /** Mean quality of the policy's own choices. */
  accuracy: z.number(),
  /** Mean cost of its choices; null where costs aren't known. */
  cost: z.number().nullable(),
  /** Share of the queries that each model got. */
  chosen: z.record(z.string(), share),
  /** Each model alone on the same rows. */
  single: z.record(z.string(), z.strictObject({ quality: z.number(), cost: z.number().nullable() })),
  /** Two models: average performance gap recovered; null where the models are equally good, and with more models. */
  apgr: z.number().nullable(),
  /** Two models: share of strong calls at which half of the gap is first recovered; null as for `apgr`. */
  cpt50: share.nullable(),
  /** The same for 80% of the gap. */
  cpt80: share.nullable(),
  /** Two models: quality over the share of strong calls, from always weak to always strong. */
  curve: z
    .strictObject({
      /** RouteLLM's eleven thresholds, from which `apgr`, `cpt50` and `cpt80` are computed. */
      points: z.array(z.strictObject({ fraction: share, quality: z.number() })).min(2),
      /** For figures: quality[i] at the share i / (length - 1), of finer thresholds. */
      quality: z.array(z.number()).min(2),
    })
    .nullable(),
  /** More than two models with known costs: quality when the mean cost of a query is limited. */
  budgets: z
    .array(
      z.strictObject({
        /** Place of the budget on the way from the cheapest to the dearest single model. */
        share,
        budget: z.number(),
        /** Null where even the cheapest choices are dearer. */
        quality: z.number().nullable(),
        cost: z.number().nullable(),
      }),
    )
    .nullable(),
  /** Known costs: non-decreasing convex hull of quality over cost. */
  hull: z
    .array(z.strictObject({ cost: z.number(), quality: z.number() }))
    .min(1)
    .nullable(),
  /** Average improvement in quality (see `aiqVariant`); null where costs aren't known. */
  aiq: z.number().nullable(),
})

/** `trials/<id>/routing.json`: how a learned policy routes the held-out rows of its fold. */
export const trialRoutingSchema = z.strictObject({
  format: z.literal('cadre-routing/1'),
  /** Index into the `folds` of the run's routing.json. */
  fold: index,
  score: routingScoreSchema,
})

/** One split into rows to train on and rows to test on. */
export const foldRecord = z.strictObject({
  repetition: index,
  fold: index,
  trainRows: z.int().min(1),
  testRows: z.int().min(1),
})

/** The folds of one environment, and what holds without learning: baselines and the per-query oracle. */
export const environmentRoutingSchema = z
  .strictObject({
    models: z.array(z.string()).min(1),
    /** Of two models, which is the weak one. */
    pair: z.strictObject({ weak: z.string(), strong: z.string() }).nullable(),
    folds: z.array(foldRecord).min(1),
    /** By label, one score a fold, in the order of `folds`. */
    baselines: z.record(z.string(), z.array(routingScoreSchema)),
    oracle: z.array(routingScoreSchema).nullable(),
  })
  .superRefine(({ models, pair, folds, baselines, oracle }, context) => {
    const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    for (const [role, model] of Object.entries(pair ?? {})) {
      if (!models.includes(model)) problem(['pair', role], `"${model}" is not among models`)
    }
    const perFold = (path: string[], scores: readonly RoutingScore[]) => {
      if (scores.length !== folds.length) {
        problem(path, `expected one score for each of ${folds.length} folds, got ${scores.length}`)
      }
    }
    for (const [label, scores] of Object.entries(baselines)) perFold(['baselines', label], scores)
    if (oracle !== null) perFold(['oracle'], oracle)
  })

/** `routing.json`, by environment label. */
export const runRoutingSchema = z.strictObject({
  format: z.literal('cadre-routing/1'),
  environments: z.record(z.string(), environmentRoutingSchema),
})

export type RoutingScore = z.infer<typeof routingScoreSchema>
export type TrialRouting = z.infer<typeof trialRoutingSchema>
export type FoldRecord = z.infer<typeof foldRecord>
export type EnvironmentRouting = z.infer<typeof environmentRoutingSchema>
export type RunRouting = z.infer<typeof runRoutingSchema>
