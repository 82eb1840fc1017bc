/** Tokens that an endpoint says it has used. */
export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
}

/** A chat completion, or a chunk of one, as far as the gateway looks at it. */
export interface Completion {
  readonly choices: readonly Record<string, unknown>[]
  readonly usage: Usage | null
}

/** Reads a chat completion (`message` in each choice) or a chunk (`delta`); null where it is neither. */
export function readCompletion(json: unknown, part: 'message' | 'delta'): Completion | null {
  if (!isRecord(json) || !Array.isArray(json.choices)) return null
  const choices = json.choices as unknown[]
  // The last chunk of a stream that tells its usage has no choices.
  if (choices.length === 0 && part === 'message') return null
  if (!choices.every((choice): choice is Record<string, unknown> => isRecord(choice) && isRecord(choice[part])))
    return null
  return { choices, usage: readUsage(json.usage) }
}

/** Whether a chunk brings anything that the reader of an answer sees: from then on there is no way back. */
export function carriesToken({ choices }: Completion): boolean {
  return choices.some(
    ({ delta, finish_reason: finish }) =>
      (finish !== null && finish !== undefined) ||
      Object.entries(delta as object).some(
        ([key, value]) =>
          key !== 'role' && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
      ),
  )
}

/** Whether a chunk ends a choice. */
export function finishes({ choices }: Completion): boolean {
  return choices.some(({ finish_reason: finish }) => typeof finish === 'string')
}

/** JSON, or undefined where it isn't. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readUsage(usage: unknown): Usage | null {
  if (!isRecord(usage)) return null
  const { prompt_tokens: prompt, completion_tokens: completion } = usage
  const counts = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
  return counts(prompt) && counts(completion) ? { promptTokens: prompt, completionTokens: completion } : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
