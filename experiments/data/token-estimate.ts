/**
 * What a call costs where the source of a table counts no tokens: an estimate from lengths of texts, good for comparing
 * models in one table and no bill.
 */

/** Characters (UTF-16 code units) of English text a token stands for, about: the rule of thumb of the tokenizers' makers. */
export const charactersPerToken = 4

/** Output tokens a call is taken to have where the answers' texts aren't known; the order of a short worked answer. */
export const assumedOutputTokens = 256

/** Prices in USD per million tokens. */
export interface TokenPrice {
  readonly inputUsdPerMillion: number
  readonly outputUsdPerMillion: number
}

/** Tokens of a text, about; not rounded. */
export function estimateTokens(text: string): number {
  return text.length / charactersPerToken
}

/** USD of one call. */
export function estimateCostUsd(
  { inputUsdPerMillion, outputUsdPerMillion }: TokenPrice,
  inputTokens: number,
  outputTokens: number,
): number {
  return (inputTokens * inputUsdPerMillion + outputTokens * outputUsdPerMillion) / 1e6
}
