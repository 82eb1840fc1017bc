import { z } from 'zod'
import { tensorBackendNames } from '#algorithms/tensor/backend.js'

/** Name of a run, and part of its folder's name. */
export const runName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected a name of letters, digits, ".", "-" and "_"')
  .describe('names the run and its folder')

const label = z
  .string()
  .max(100)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._()+=,%-]*$/u, 'expected a label that starts with a letter or digit')

export const labels = z.array(z.string()).min(1).describe('labels of environments')

/** An entry of `environments`, `algorithms` or `policies`; what stands beside the reserved keys has a schema of its own. */
const entry = z.record(z.string(), z.unknown()).nullable()

export const entriesByLabel = z.record(label, entry).refine((entries) => Object.keys(entries).length > 0, {
  message: 'expected at least one entry',
})

/** gamma; at 1, exact methods need an environment whose episodes always end. */
export const discount = z.number().min(0).max(1).describe('gamma: what a reward one step later is worth')

const steps = z.int().min(1).max(1e12).describe('environment steps a trial, counted over all rows')
const passes = z
  .number()
  .gt(0)
  .max(1e6)
  .describe('times through the training rows, for environments on outcome tables; instead of steps')
const rows = z.int().min(1).max(65_536).describe('environments stepped together')

const form = z
  .enum(['arrays', 'tensors'])
  .describe('typed arrays, or tensors: the seeds of an algorithm learn together on a backend of TF.js')

const use = z.string().min(1).describe('name or file; the label where absent')

/** Keys of an algorithm's entry that aren't settings of the learner. */
export const algorithmKeys = z.object({
  use: use.optional(),
  on: labels.optional(),
  steps: steps.optional(),
  passes: passes.optional(),
  rows: rows.optional(),
  form: form.optional(),
})

/** Keys of a team's entry that aren't agents. */
export const teamKeys = z.object({
  on: labels.optional(),
  steps: steps.optional(),
  passes: passes.optional(),
  rows: rows.optional(),
})

/** Keys of a member of a team that aren't settings of its learner. */
export const memberKeys = z.object({
  use: z.string().min(1).describe('a learner by name or file, or the folder of a policy bundle'),
})

/** Keys of an environment's entry that aren't settings of the environment. */
export const environmentKeys = z.object({
  use: use.optional(),
  settings: z
    .string()
    .min(1)
    .optional()
    .describe('a YAML or JSON file of its settings, relative to this one; those beside it take their place'),
})

/** Keys of a baseline that aren't settings of the policy. */
export const baselineKeys = z.object({
  use: z.string().min(1).describe('name or file'),
  label: label.optional().describe('its name in tables; that of the policy where absent'),
  on: labels.optional(),
})

const seeds = z.union([
  z.int().min(1).max(10_000),
  z
    .array(z.int().min(0))
    .min(1)
    .max(10_000)
    .superRefine((list, context) => {
      list.forEach((seed, i) => {
        if (list.indexOf(seed) === i) return
        context.addIssue({ code: 'custom', path: [i], message: `seed ${seed} stands twice` })
      })
    }),
])

/** An experiment file, entries still unread. */
export const experimentSchema = z
  .strictObject({
    name: runName,
    description: z.string().default('').describe('one or two sentences for the report'),
    discount,
    steps: steps.optional().describe('environment steps a trial, counted over all rows; or give passes'),
    passes: passes.optional(),
    rows: rows.default(16),
    form: form.default('arrays'),
    backend: z
      .enum(['auto', ...tensorBackendNames])
      .default('auto')
      .describe('where tensors live; auto: the first that is there'),
    seeds: seeds.default(10).describe('how many (0, 1, 2, ...), or which'),
    evaluation: z
      .strictObject({
        points: z.int().min(1).max(10_000).default(20).describe('evaluations a trial, evenly spaced'),
        method: z
          .enum(['auto', 'exact', 'sampled'])
          .default('auto')
          .describe('auto: exact where enumerable with at most 10 million transitions'),
        episodes: z.int().min(1).max(1_000_000).default(100).describe('episodes an evaluation, where sampled'),
        act: z
          .enum(['greedy', 'sampled'])
          .default('greedy')
          .describe('of learned policies that draw: greedy plays the most probable action, sampled plays the draws'),
      })
      .prefault({}),
    folds: z
      .strictObject({
        repetitions: z.int().min(1).max(100).default(5).describe('times the rows are split anew'),
        folds: z.int().min(2).max(100).default(5).describe('parts a split; each is held out once'),
        deploy: z.boolean().default(true).describe('also train on all rows, for the policy to serve'),
      })
      .optional()
      .describe(
        'cross-validation over the outcome tables that environments stand on, where given; splits are fixed by a hash of each text',
      ),
    environments: entriesByLabel.describe('worlds to learn in, by label'),
    algorithms: z.record(label, entry).default({}).describe('learners, by label'),
    teams: z
      .record(label, z.record(z.string(), z.unknown()))
      .default({})
      .describe(
        'who plays which agent, by label: a label of algorithms, a learner with settings, or a policy bundle that stays as it is',
      ),
    baselines: z
      .array(z.union([z.string().min(1), z.record(z.string(), z.unknown())]))
      .default([])
      .describe('policies to compare with: names, or mappings with `use` and settings'),
    references: z
      .strictObject({
        optimum: z.boolean().default(true).describe('compute V* where the environment is enumerable'),
        bestLocal: z
          .strictObject({
            on: labels.optional(),
            starts: z.int().min(1).max(10_000).default(8).describe('starts of the best-response search'),
          })
          .optional()
          .describe('search for the best policy on local information, where given; costs a few seconds'),
      })
      .prefault({}),
    checkpointSeconds: z
      .number()
      .min(0)
      .max(1e6)
      .default(10)
      .describe('seconds between checkpoints of a trial; 0 = only when stopped'),
  })
  .refine(({ algorithms, teams }) => Object.keys(algorithms).length + Object.keys(teams).length > 0, {
    message: 'expected at least one entry',
    path: ['algorithms'],
  })

export type ExperimentSettings = z.infer<typeof experimentSchema>

/** The seeds that a `seeds` setting stands for. */
export function seedList(setting: ExperimentSettings['seeds']): readonly number[] {
  return typeof setting === 'number' ? Array.from({ length: setting }, (_, i) => i) : setting
}
