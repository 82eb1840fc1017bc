/**
 * The chance of each agent to get a query that agents claim independently of each other, where one of those that claim is drawn, all
 * equally likely: p_i E[1 / (1 + X)], with X the number of others that claim.
 * @param claim - f64 [N], the chance p_i that each agent claims
 * @param out - f64 [N + 1], written; the last one: nobody claims
 */
export function awardChances(claim: Float64Array, out: Float64Array): void {
  const n = claim.length
  /** f64, the chance that so many of the others claim. */
  const others = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    out[i] = 0
    if (claim[i] === 0) continue
    others.fill(0)
    others[0] = 1
    for (let j = 0; j < n; j++) {
      if (j === i) continue
      const p = claim[j]!
      for (let count = n - 1; count > 0; count--) others[count] = others[count]! * (1 - p) + others[count - 1]! * p
      others[0] = others[0]! * (1 - p)
    }
    for (let count = 0; count < n; count++) out[i] = out[i]! + (claim[i]! * others[count]!) / (1 + count)
  }
  out[n] = claim.reduce((product, p) => product * (1 - p), 1)
}
