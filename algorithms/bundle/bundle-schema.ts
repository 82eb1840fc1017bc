import { z } from 'zod'

/** Changes whenever older readers would misunderstand a bundle. */
export const BUNDLE_FORMAT = 'cadre-policy/1'

const name = z.string().min(1)
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')
const jsonObject = z.record(z.string(), z.json())

/** What the maker of a bundle says about a policy; the rest of policy.json follows from the policy itself. */
export const bundleManifestSchema = z.strictObject({
  environment: z
    .strictObject({ id: name, version: name, config: jsonObject })
    .describe('the world the policy was made for, its config with all defaults filled in'),
  observes: z
    .enum(['local', 'messages', 'bids', 'global'])
    .describe(
      "local: each agent's own observation; messages: also what others tell it; bids: also one number from each; global: the state",
    ),
  agents: z
    .array(
      z.strictObject({
        name,
        actionNames: z.array(z.string()).min(1),
        messages: z.int().min(1).optional().describe('numbers it hears from others at a step; absent: none'),
        observationSize: z.int().min(0).optional().describe('numbers it observes; with kinds that do not ship'),
      }),
    )
    .min(1)
    .describe('in the order of the environment'),
  encoder: z
    .strictObject({
      id: name,
      version: name,
      config: jsonObject.describe('all that it takes to make the encoder again, but for its fitted arrays'),
      fields: z
        .array(z.enum(['text', 'group']))
        .min(1)
        .describe('which parts of a query it reads'),
    })
    .nullable()
    .describe('the encoder whose arrays are stored with the policy, under `encoder/`; null = none'),
  algorithm: z.strictObject({ name, version: name, config: jsonObject }).describe('what made the policy'),
  training: z
    .strictObject({
      run: z.string().nullable().describe('id of the run; null outside runs'),
      trial: z.string().nullable().describe('id of the trial; null outside runs'),
      steps: z.int().min(0).describe('environment steps learned from; 0 for planned policies'),
      seed: z.union([z.int(), z.string()]).nullable(),
    })
    .describe('where the policy comes from'),
  evaluation: z.record(z.string(), z.number().nullable()).describe('numbers by name; null = unknown'),
  loader: z
    .union([z.strictObject({ file: name, sha256: hash }), z.strictObject({ name })])
    .optional()
    .describe(
      'the learner whose `loadPolicy` reads a kind that does not ship: its file, or its name where it was given in code',
    ),
})

/** policy.json. */
export const bundleSchema = bundleManifestSchema.extend({
  format: z.literal(BUNDLE_FORMAT),
  kind: name.describe(
    'which loader makes the policy: tabular, linear, afterstate, graph, or one of the learner in `loader`',
  ),
  details: jsonObject.describe("the policy's own settings"),
  tensors: z.record(
    z.string(),
    z.strictObject({ dtype: z.enum(['F32', 'F64', 'I32', 'U8']), shape: z.array(z.int().min(0)) }),
  ),
  sha256: hash.describe(
    'over policy.json without this entry, on one line with sorted keys, a line end, and weights.safetensors',
  ),
})

export type BundleManifest = z.infer<typeof bundleManifestSchema>
export type BundleDescription = z.infer<typeof bundleSchema>
