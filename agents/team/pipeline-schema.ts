import { z } from 'zod'
import { scopeSchema } from '../contract/memory.js'
import { pattern } from './pattern.js'
import { teamSchema } from './team-schema.js'

const scopes = z.array(scopeSchema).default([])

/** Keys of who has a place, beside those of its kind. */
export const memberSchema = z
  .looseObject({
    use: z.string().min(1).describe('which agent it is: see `cadre agents`'),
    bounds: z
      .array(z.number().min(0).max(1))
      .optional()
      .describe('the confidence from which on its answers have grade 1, 2, ...; default: equal steps'),
    asUnderstood: z
      .boolean()
      .default(false)
      .describe(
        'whether its confidence counts only as far as the question is understood: times that of intent and slots',
      ),
    timeoutMs: z.int().min(1).max(3_600_000).optional().describe('after which a call is given up; default: 10 s'),
    memory: z
      .strictObject({
        reads: scopes.describe('keys such as `slots/order`, beginnings of keys that end in a slash, or `*` for all'),
        writes: scopes.describe('the same'),
      })
      .optional()
      .describe('what it may read and write of what is known in the conversation; default: nothing'),
  })
  .describe('the agent that has a place in the pipeline: its kind, and its settings')

/** How a team answers questions stage by stage. */
export const pipelineSchema = z.strictObject({
  environment: z
    .union([z.string().min(1), z.record(z.string(), z.json())])
    .describe('settings of routing-pipeline, stages and their agents among them: here, or a YAML or JSON file of them'),
  agents: z
    .record(z.string(), memberSchema)
    .describe('who has each place of the environment, by stage and agent: `write/extract: { use: extractive }`'),
  words: z
    .array(z.int().min(0))
    .optional()
    .describe(
      'how hard a question looks: most words of grade 1, 2, ..., falling; default: 24 and 12 where grades are three',
    ),
  looks: z
    .array(
      z.strictObject({
        pattern: pattern.describe('regular expression, looked for anywhere in any case'),
        grade: z.int().min(0).describe('of questions that it fits'),
      }),
    )
    .default([])
    .describe('how hard a question looks by what stands in it; the first that fits decides, before `words`'),
  ask: z
    .string()
    .min(1)
    .default('Could you say a little more about what you need?')
    .describe('what the user is asked back'),
  handOver: z
    .strictObject({
      text: z
        .string()
        .min(1)
        .default('A person will answer this. Your ticket is {ticket}.')
        .describe('what the user is told where a person takes over'),
      file: z
        .string()
        .min(1)
        .default('./hand-overs.jsonl')
        .describe(
          'where these questions wait; relative to this file, in a team that ships with Cadre to where the command was started',
        ),
    })
    .prefault({})
    .describe('what happens where a person is worth more'),
  maxCostUsd: z.number().min(0).optional().describe('most that a question may cost; dearer agents are then not called'),
})

/** A team that answers questions itself: its agents are programs and models of the pipeline's stages. */
export const answeringTeamSchema = teamSchema
  .omit({ policy: true, dispatch: true, agents: true, exploration: true, forwardHeaders: true })
  .extend({
    policy: z
      .union([z.string().min(1), z.strictObject({ use: z.string().min(1) })])
      .default({ use: 'optimal' })
      .describe(
        'optimal (the exact optimum, solved again whenever agents go down), a rule of routing-pipeline, or the folder of a policy bundle',
      ),
    pipeline: pipelineSchema,
  })

export type AnsweringTeamFile = z.infer<typeof answeringTeamSchema>
