/** Longest wait that is believed, ms: a day. */
const longestMs = 86_400_000
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? \d{1,2}[ -][A-Z][a-z]{2}[ -]\d{2,4} [\d:]{8} GMT$/

/**
 * How long an endpoint asks to be left alone, ms: `retry-after-ms`, else `retry-after` in seconds or as a date. Null where it doesn't say,
 * and for what is neither: lists, negative numbers, words.
 * @param now - ms since the epoch, for dates
 */
export function retryAfterOf(
  headers: { readonly [name: string]: string | readonly string[] | undefined },
  now: number,
): number | null {
  const precise = single(headers['retry-after-ms'])
  if (precise !== null && isNumber(precise)) return Math.min(longestMs, Number(precise))
  const header = single(headers['retry-after'])
  if (header === null) return null
  if (isNumber(header)) return Math.min(longestMs, Number(header) * 1000)
  if (!httpDate.test(header)) return null
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.min(longestMs, Math.max(0, date - now))
}

function single(header: string | readonly string[] | undefined): string | null {
  return typeof header === 'string' ? header.trim() : null
}

function isNumber(text: string): boolean {
  return /^\d{1,12}(\.\d+)?$/.test(text)
}
