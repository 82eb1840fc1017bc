const minus = '\u2212'

/** A number's digits with a typographic minus, and 0 without any. */
export function withMinus(digits: string): string {
  return Number(digits) === 0 ? digits.replace('-', '') : digits.replace('-', minus)
}

/**
 * Writes scores with as many decimals as differences within `span` need, three digits below its leading one, and more where
 * scores that are known to differ would else look the same.
 * @param span - the range that scores lie in
 * @param known - scores that are shown; they count as different from a ten-thousandth on
 */
export function scoreFormat(span: number, known: readonly number[] = []): (score: number) => string {
  const decimals = scoreDecimals(span, known)
  return (score) => withMinus(score.toFixed(decimals))
}

/** How many decimals these are. */
export function scoreDecimals(span: number, known: readonly number[] = []): number {
  const range = Number.isFinite(span) && span > 0 ? span : 1
  const sorted = [...new Set(known)].sort((a, b) => a - b)
  const gaps = sorted.slice(1).map((score, i) => [sorted[i]!, score] as const)
  const unlike = gaps.filter(([a, b]) => b - a > Math.max(1e-4 * Math.max(Math.abs(a), Math.abs(b)), 1e-7 * range))
  let decimals = Math.min(Math.max(3 - Math.floor(Math.log10(range)), 0), 8)
  while (decimals < 8 && unlike.some(([a, b]) => a.toFixed(decimals) === b.toFixed(decimals))) decimals++
  return decimals
}

/** A share as a percentage: 0.0083 is "0.83%", 0.105 "10.5%", 0.000004 "0.0004%"; below 1e-7 "0.00%". */
export function percent(share: number): string {
  const value = 100 * share
  const size = Math.abs(value)
  if (size >= 1e-5 && size < 0.005) return `${withMinus(value.toFixed(-Math.floor(Math.log10(size))))}%`
  return `${withMinus(value.toFixed(size < 1 ? 2 : 1))}%`
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
