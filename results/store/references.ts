import { z } from 'zod'

/** A scripted policy's value, with the share of the way from random (0) to the optimum (1) that it goes. */
export const policyReference = z.strictObject({
  name: z.string().min(1),
  /** Score V under the start distribution. */
  value: z.number(),
  /** How it was found, where that is another way than random's: then it is held against no scale. */
  method: z.enum(['exact', 'sampled']).optional(),
  /** (value - random) / (optimum - random); null where no optimum is known. */
  normalised: z.number().nullable(),
  /** (optimum - value) / (optimum - random); null where no optimum is known. */
  regret: z.number().nullable(),
})

/** A reference that couldn't be computed. */
export const referenceFailure = z.strictObject({
  name: z.string().min(1),
  code: z.string(),
  message: z.string(),
  stack: z.string().optional(),
})

/** What is optimal on one map; cells as in the panel of the policy view. */
export const optimalMap = z.strictObject({
  title: z.string(),
  /** [y][x], V*; null in empty cells. */
  value: z.array(z.array(z.number().nullable())),
  /** [y][x], the best choices; several where they tie, none in empty cells. */
  best: z.array(z.array(z.array(z.string()))),
})

/** What learners in one environment are held against; all values are scores V under the start distribution. */
export const environmentReferences = z.strictObject({
  optimum: z.number().nullable(),
  random: z.number().nullable(),
  /** Scores closer than this are the same as far as anyone can tell: ten times what solvers leave open of the two above. */
  resolution: z.number().min(0).optional(),
  /** Steps that scores and optimum are over, where only the environment's limit ends episodes; absent: until the end. */
  horizonSteps: z.number().int().min(1).optional(),
  method: z.enum(['exact', 'sampled']),
  /** Why values are sampled, in words; absent where they are exact, or the run is of an earlier version. */
  sampledBecause: z.string().optional(),
  /** The best policy found in which each agent sees only its own observation; `starts`: what each start of the search reached. */
  bestLocal: z.strictObject({ value: z.number(), starts: z.array(z.number()) }).nullable(),
  policies: z.array(policyReference),
  /** What couldn't be computed, and why; absent where nothing failed. */
  failures: z.array(referenceFailure).optional(),
  /** What is optimal on the maps that policies are drawn on, panel by panel; absent where unknown, or nothing is drawn as a map. */
  maps: z.array(optimalMap).optional(),
})

/** `references.json`, by environment label. */
export const referencesSchema = z.strictObject({
  environments: z.record(z.string(), environmentReferences),
  /** By environment: hash of all that decides its references, so that other runs can take them over. */
  keys: z.record(z.string(), z.string()).optional(),
})

export type ReferenceFailure = z.infer<typeof referenceFailure>
export type PolicyReference = z.infer<typeof policyReference>
export type EnvironmentReferences = z.infer<typeof environmentReferences>
export type OptimalMap = z.infer<typeof optimalMap>
export type References = z.infer<typeof referencesSchema>
