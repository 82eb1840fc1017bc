import { readToldError, type ToldError, withoutMark } from './upstream-error.js'

/** Tokens that an endpoint says it has used. */
export interface Usage {
  readonly promptTokens: number
  readonly completionTokens: number
}

/** A chat completion, or a chunk of one, as far as the gateway looks at it. */
export interface Completion {
  readonly choices: readonly Choice[]
  readonly usage: Usage | null
}

export interface Choice {
  /** Which of several answers it is. */
  readonly index: number
  /** What it adds: of a chunk its delta, of a whole answer its message. */
  readonly part: Record<string, unknown>
  /** Why it ends here; null where it goes on. */
  readonly finish: string | null
}

/** What came in place of a completion: nothing at all, the word that it failed, or something else. */
export type ReadAnswer =
  | { readonly kind: 'completion'; readonly completion: Completion }
  | { readonly kind: 'error'; readonly error: ToldError }
  /** A sign of life that isn't part of the answer. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'garbage' }

const garbage: ReadAnswer = { kind: 'garbage' }

/**
 * Reads a whole chat completion (`message` in each choice) or a chunk (`delta`, which annotations leave out). An error beside the
 * choices makes it none, and so does a choice that says it ends in one.
 */
export function readAnswer(json: unknown, part: 'message' | 'delta'): ReadAnswer {
  const error = readToldError(json)
  if (error !== null) return { kind: 'error', error }
  if (!isRecord(json)) return garbage
  const { choices, usage } = json
  const streamed = part === 'delta'
  if (choices === undefined || choices === null) {
    if (!streamed) return garbage
    if (Object.keys(json).length === 0 || json.type === 'ping') return { kind: 'nothing' }
    const isChunk = isRecord(usage) || json.object === 'chat.completion.chunk'
    return isChunk ? completion([], usage) : garbage
  }
  if (!Array.isArray(choices) || !choices.every(isRecord)) return garbage
  // The last chunk of a stream that tells its usage has no choices.
  if (choices.length === 0 && !streamed) return garbage
  const read = choices.map((choice, place) => readChoice(choice, part, place))
  if (read.includes(null)) return garbage
  const ended = read as Choice[]
  if (ended.some(({ finish }) => finish === 'error')) {
    const message = 'the agent ended its answer with an error'
    return { kind: 'error', error: { message, type: null, param: null, code: null, status: null } }
  }
  return completion(ended, usage)
}

function completion(choices: readonly Choice[], usage: unknown): ReadAnswer {
  return { kind: 'completion', completion: { choices, usage: readUsage(usage) } }
}

function readChoice(choice: Record<string, unknown>, part: 'message' | 'delta', place: number): Choice | null {
  const said = choice[part]
  const absent = part === 'delta' && (said === undefined || said === null)
  if (!absent && !isRecord(said)) return null
  const { index, finish_reason: reason } = choice
  return {
    index: Number.isSafeInteger(index) ? (index as number) : place,
    part: absent ? {} : (said as Record<string, unknown>),
    finish: typeof reason === 'string' && reason !== '' ? reason : null,
  }
}

/** Whether a chunk brings anything that the reader of an answer sees: from then on there is no way back. */
export function carriesToken({ choices }: Completion): boolean {
  return choices.some(
    ({ part, finish }) =>
      finish !== null ||
      Object.entries(part).some(
        ([key, value]) =>
          key !== 'role' && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
      ),
  )
}

/** JSON, or undefined where it isn't. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(withoutMark(text))
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
