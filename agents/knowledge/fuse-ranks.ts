/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): what stands high in several rankings comes first. A thing of rank r, from
 * 1, counts weight / (k + r) in each.
 * @returns keys with their scores, the best first, equal ones in the order of their keys
 */
export function fuseRanks(
  rankings: readonly { readonly keys: readonly string[]; readonly weight: number }[],
  k = 60,
): { readonly key: string; readonly score: number }[] {
  const scores = new Map<string, number>()
  for (const { keys, weight } of rankings) {
    keys.forEach((key, rank) => {
      scores.set(key, (scores.get(key) ?? 0) + weight / (k + rank + 1))
    })
  }
  return [...scores]
    .map(([key, score]) => ({ key, score }))
    .sort((x, y) => y.score - x.score || (x.key < y.key ? -1 : 1))
}
