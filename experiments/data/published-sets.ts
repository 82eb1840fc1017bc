import { UnknownNameError } from '#env/errors.js'
import type { PublishedSet } from './data-set.js'
import { dataSets } from './data-sets.js'
import { textSets } from './text-sets.js'

/** Everything that `cadre data` knows: outcome tables first, then texts. */
export const publishedSets: readonly PublishedSet[] = [...dataSets, ...textSets]

/**
 * A published set by name or alias.
 * @throws UnknownNameError with the nearest name
 */
export function findPublishedSet(name: string): PublishedSet {
  const found = publishedSets.find((set) => set.name === name || set.aliases.includes(name))
  if (found !== undefined) return found
  throw new UnknownNameError(
    'data set',
    name,
    publishedSets.flatMap((set) => [set.name, ...set.aliases]),
  )
}
