const minus = '\u2212'

/**
 * Writes scores with as many decimals as differences within `span` need: three digits below its leading one.
 * @param span - the range that scores lie in
 */
export function scoreFormat(span: number): (score: number) => string {
  const magnitude = Number.isFinite(span) && span > 0 ? Math.floor(Math.log10(span)) : 0
  const decimals = Math.min(Math.max(3 - magnitude, 0), 8)
  return (score) => score.toFixed(decimals).replace('-', minus)
}

/** A share as a percentage: 0.0083 is "0.83%", 0.105 "10.5%". */
export function percent(share: number): string {
  const value = 100 * share
  return `${value.toFixed(Math.abs(value) < 1 ? 2 : 1).replace('-', minus)}%`
}

/** A count as people write it: 950, 20k, 2M, 2.5M. */
export function count(value: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 }).format(value).replace('K', 'k')
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** "1 seed", "10 seeds". */
export function plural(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
