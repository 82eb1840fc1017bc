/** Tokenisers by name; `characters` takes four for a token, where a model's own is unknown. */
export const tokenisers = ['o200k_base', 'cl100k_base', 'characters'] as const
export type Tokeniser = (typeof tokenisers)[number]

/** Counts the tokens of a text. */
export type TokenCounter = (text: string) => number

const plain = { disallowedSpecial: new Set<string>() }

/** Loads a tokeniser: its tables are large, and only those who count need them. Marks such as `<|endoftext|>` in a text are plain text. */
export async function tokenCounter(name: Tokeniser): Promise<TokenCounter> {
  if (name === 'characters') return (text) => Math.ceil(text.length / 4)
  const { countTokens } =
    name === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base')
  return (text) => countTokens(text, plain)
}
