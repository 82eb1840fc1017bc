import { z } from 'zod'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent } from '../contract/agent.js'
import { defineAgent } from '../contract/agent-entry.js'

/** Checks nothing: the answer stays as it is, as sure as its writer was. */
export const keep = defineAgent({
  name: 'keep',
  aliases: [],
  summary: 'checks nothing: the answer stays as it is',
  schema: z.strictObject({}),
  create: (_, { name }): Agent => ({
    card: {
      name,
      summary: 'keeps the answer as it is',
      adds: ['drafts'],
      needs: ['drafts'],
      repeats: true,
      longestQuestion: 1_000_000,
    },
    handle: async ({ found }, { signal }) => {
      if (signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
      const draft = found.drafts![0]
      if (draft === undefined) throw new AgentFailure('unfit', `${name} needs a draft, and nobody wrote one`)
      return {
        found: { drafts: found.drafts! },
        confidence: draft.confidence,
        costUsd: 0,
        provenance: draft.provenance,
      }
    },
  }),
})
