import type { Draft, Source } from '../contract/agent.js'
import { contentWords } from './same-words.js'

/** How several answers become one. */
export const mergings = ['best', 'vote', 'concatenate'] as const
export type Merging = (typeof mergings)[number]

/**
 * One answer of several.
 * - best: the one of highest confidence, the first of equal ones;
 * - vote: answers of the same words stand together, and the sum of their confidences decides; the most confident of them speaks;
 *   its confidence is 1 less the chance that all who say so are wrong, times their share of all confidences;
 * - concatenate: all that differ, one after the other, each with its sources; as confident as the least of them.
 * @param drafts - at least one
 */
export function mergeDrafts(drafts: readonly Draft[], how: Merging): Draft {
  if (how === 'best') return drafts.reduce((best, draft) => (draft.confidence > best.confidence ? draft : best))
  const groups = [...groupsOf(drafts).values()]
  if (how === 'vote') {
    const weight = (group: readonly Draft[]) => group.reduce((sum, { confidence }) => sum + confidence, 0)
    const all = weight(drafts)
    const winners = groups.reduce((best, group) => (weight(group) > weight(best) ? group : best))
    const spokesman = mergeDrafts(winners, 'best')
    const someRight = 1 - winners.reduce((wrong, { confidence }) => wrong * (1 - confidence), 1)
    const share = all === 0 ? 0 : weight(winners) / all
    return { ...spokesman, confidence: someRight * share, provenance: sourcesOf(winners) }
  }
  const spokesmen = groups.map((group) => ({ ...mergeDrafts(group, 'best'), provenance: sourcesOf(group) }))
  return {
    agent: spokesmen.map(({ agent }) => agent).join('+'),
    text: spokesmen.map(({ text }) => text).join('\n\n'),
    confidence: Math.min(...spokesmen.map(({ confidence }) => confidence)),
    provenance: sourcesOf(spokesmen),
  }
}

/** Drafts that say the same, in the order of the first of each. */
function groupsOf(drafts: readonly Draft[]): Map<string, Draft[]> {
  const groups = new Map<string, Draft[]>()
  for (const draft of drafts) {
    const key = contentWords(draft.text).join(' ')
    groups.set(key, [...(groups.get(key) ?? []), draft])
  }
  return groups
}

function sourcesOf(drafts: readonly Draft[]): Source[] {
  const seen = new Map<string, Source>()
  for (const source of drafts.flatMap(({ provenance }) => provenance)) seen.set(JSON.stringify(source), source)
  return [...seen.values()]
}
