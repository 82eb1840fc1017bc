import { dataSets } from '../data/data-sets.js'
import { findCopy } from '../data/locate-outcomes.js'

/** Names of the data sets that aren't on this machine: tests that stand on one are skipped. */
export async function absentDataSets(): Promise<string[]> {
  const found = await Promise.all(dataSets.map((set) => findCopy(set)))
  return dataSets.flatMap(({ name }, k) => (found[k]!.folder === undefined ? [name] : []))
}
