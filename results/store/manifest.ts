import { z } from 'zod'

/** Folder names of trials: letters, digits, dot, dash and underscore, so that an id can never leave its directory. */
export const trialId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a trial id is letters, digits, ".", "-" and "_"')

/** How published numbers are formed from rewards; a step is one joint action. */
export const scoreDefinition = z.strictObject({
  aggregate: z.enum(['team-sum', 'agent-mean', 'shared']),
  over: z.enum(['episode', 'step']),
})

/** An environment of the experiment, under the label that its trials name. */
export const environmentRecord = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1),
  config: z.json(),
  score: scoreDefinition,
  quantities: z.array(z.strictObject({ name: z.string(), unit: z.string(), description: z.string() })),
})

/** An algorithm of the experiment, under the label that its trials name. */
export const algorithmRecord = z.strictObject({
  name: z.string().min(1),
  version: z.string().min(1),
  config: z.json(),
})

/** One trial that the run consists of: an algorithm learning in an environment from one seed. */
export const trialPlan = z.strictObject({
  id: trialId,
  algorithm: z.string(),
  environment: z.string(),
  seed: z.int(),
  /** Environment steps of the whole training. */
  steps: z.int().min(0),
})

/** `manifest.json`: what was run, with what, on what; enough to refuse an unlike comparison. */
export const manifestSchema = z
  .strictObject({
    format: z.literal('cadre-run/1'),
    experiment: z.string().min(1),
    hash: z.string().min(1),
    /** ISO 8601 time. */
    created: z.string(),
    /** The resolved configuration. */
    config: z.json(),
    code: z.strictObject({ version: z.string(), sha256: z.string() }),
    versions: z.record(z.string(), z.string()),
    machine: z.strictObject({
      platform: z.string(),
      arch: z.string(),
      cpu: z.string(),
      cores: z.int().min(1),
      node: z.string(),
      memoryGb: z.number().min(0),
    }),
    /** gamma, in [0, 1]. */
    discount: z.number().min(0).max(1),
    seeds: z.array(z.int()),
    environments: z.record(z.string(), environmentRecord),
    algorithms: z.record(z.string(), algorithmRecord),
    trials: z.array(trialPlan),
  })
  .superRefine((manifest, context) => {
    const ids = new Set<string>()
    manifest.trials.forEach((trial, i) => {
      const problem = (key: string, message: string) =>
        context.addIssue({ code: 'custom', path: ['trials', i, key], message })
      if (ids.has(trial.id)) problem('id', `two trials are called "${trial.id}"`)
      ids.add(trial.id)
      if (!Object.hasOwn(manifest.algorithms, trial.algorithm)) {
        problem('algorithm', `"${trial.algorithm}" is not among algorithms`)
      }
      if (!Object.hasOwn(manifest.environments, trial.environment)) {
        problem('environment', `"${trial.environment}" is not among environments`)
      }
    })
  })

export type ScoreDefinition = z.infer<typeof scoreDefinition>
export type EnvironmentRecord = z.infer<typeof environmentRecord>
export type AlgorithmRecord = z.infer<typeof algorithmRecord>
export type TrialPlan = z.infer<typeof trialPlan>
export type Manifest = z.infer<typeof manifestSchema>
