import { z } from 'zod'
import { AgentFailure } from '../client/agent-failure.js'
import type { Agent, Draft, Passage } from '../contract/agent.js'
import { defineAgent } from '../contract/agent-entry.js'
import { mergeDrafts, mergings } from './merge-drafts.js'
import { wordF1, wordsIn } from './same-words.js'

const checkerConfig = z.strictObject({
  merge: z.enum(mergings).default('best').describe('how the answers of several writers become one'),
  unsupported: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe('what is left of the confidence in an answer none of whose words stands in the passages'),
  agreement: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'how far the confidence moves towards 1 where another writer says the same, or towards 0 where it differs',
    ),
})

type CheckerConfig = z.infer<typeof checkerConfig>

/**
 * Holds answers against the passages that they stand on and against each other, and merges them: an answer whose words the passages
 * don't have loses confidence; one that another writer gives too gains it.
 */
export const checker = defineAgent<CheckerConfig>({
  name: 'checker',
  aliases: ['critic'],
  summary: 'holds answers against passages and each other, and merges them',
  schema: checkerConfig,
  create: (config, { name }): Agent => ({
    card: {
      name,
      summary: 'holds answers against passages and each other, and merges them',
      adds: ['drafts'],
      needs: ['drafts'],
      repeats: true,
      longestQuestion: 1_000_000,
    },
    handle: async ({ found }, { signal, trace }) => {
      if (signal.aborted) throw new AgentFailure('aborted', `${name} was given up`)
      const drafts = found.drafts!.filter(({ text }) => text.trim() !== '')
      if (drafts.length === 0) throw new AgentFailure('unfit', `${name} needs a draft with words, and nobody wrote one`)
      const passages = found.context ?? found.passages ?? []
      const judged = drafts.map((draft) => ({ ...draft, confidence: confidenceIn(draft, drafts, passages, config) }))
      const merged = mergeDrafts(judged, config.merge)
      trace('checked', { drafts: drafts.length, confidence: merged.confidence })
      const others = judged.filter((draft) => draft !== merged && draft.agent !== merged.agent)
      return {
        found: { drafts: [merged, ...others] },
        confidence: merged.confidence,
        costUsd: 0,
        provenance: merged.provenance,
      }
    },
  }),
})

/** How sure one may be of a draft, given what it stands on and what the others say. */
export function confidenceIn(
  draft: Draft,
  drafts: readonly Draft[],
  passages: readonly Passage[],
  { unsupported, agreement }: CheckerConfig,
): number {
  const supported =
    passages.length === 0
      ? 1
      : wordsIn(
          draft.text,
          passages.map(({ text }) => text),
        )
  let confidence = draft.confidence * (unsupported + (1 - unsupported) * supported)
  const others = drafts.filter((other) => other !== draft)
  if (others.length > 0) {
    const same = others.reduce((sum, other) => sum + wordF1(draft.text, other.text), 0) / others.length
    const towards = same >= 0.5 ? 1 : 0
    confidence += agreement * Math.abs(2 * same - 1) * (towards - confidence)
  }
  return Math.min(1, Math.max(0, confidence))
}
