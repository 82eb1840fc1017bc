/** What an endpoint says of a failure. */
export interface UpstreamError {
  readonly message: string
  readonly type: string | null
  readonly param: string | null
  readonly code: string | null
}

/** An error that an endpoint tells in place of an answer, or within one. */
export interface ToldError extends UpstreamError {
  /** The HTTP status that it names; null where it names none. */
  readonly status: number | null
}

const longestMessage = 1000

/**
 * The error that a body tells, in whichever of the forms in use: `error` with a message, as text, or nested once more; the message at
 * the top beside `object: "error"`; `detail` as text or as a list of problems; a list with one of these. Null where it tells none.
 */
export function readToldError(json: unknown): ToldError | null {
  if (Array.isArray(json)) return json.length === 0 ? null : readToldError(json[0])
  if (!isRecord(json)) return null
  const { error, detail } = json
  if (typeof error === 'string' && error.trim() !== '') return told(error, json)
  if (Array.isArray(error)) return readToldError(error)
  if (isRecord(error)) {
    if (isRecord(error.error)) return readToldError(error)
    return told(textOf(error.message) ?? textOf(error.msg) ?? textOf(error.detail) ?? unexplained(error), error)
  }
  if (detail !== undefined && detail !== null) return readDetail(detail, json)
  if (Array.isArray(json.errors) && json.errors.length > 0) {
    const [first] = json.errors
    return typeof first === 'string' ? told(first, json) : isRecord(first) ? readToldError({ error: first }) : null
  }
  const isAnswer = 'choices' in json
  const message = textOf(json.message) ?? textOf(json.msg)
  return message !== null && !isAnswer ? told(message, json) : null
}

/**
 * The error of a response with an error status: as JSON, or as a short text.
 * @param body - the first bytes of what it said
 */
export function readErrorBody(body: string): UpstreamError | null {
  const text = withoutMark(body).trim()
  try {
    return readToldError(JSON.parse(text))
  } catch {
    // A page for people, or a part of something, tells nobody anything.
    const isText = text !== '' && text.length <= longestMessage && !/^[<{[]/.test(text)
    return isText ? { message: text, type: null, param: null, code: null } : null
  }
}

/** A text without the byte order mark that some servers write before it. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** Problems of fields, as validators list them: `[{ loc, msg }]`. */
function readDetail(detail: unknown, json: Record<string, unknown>): ToldError | null {
  if (typeof detail === 'string') return told(detail, json)
  if (isRecord(detail)) return readToldError({ error: detail })
  if (!Array.isArray(detail)) return null
  const problems = detail.filter(isRecord)
  const messages = problems.flatMap(({ msg, message }) => textOf(msg) ?? textOf(message) ?? [])
  if (messages.length === 0) return null
  const { loc, type } = problems[0]!
  const path = Array.isArray(loc) ? loc.filter((part) => part !== 'body').join('.') : ''
  return told(messages.join('; '), { ...json, type, param: path === '' ? null : path })
}

function told(message: string, { type, param, code, status }: Record<string, unknown>): ToldError {
  const named = [code, status].map(Number).find((one) => Number.isInteger(one) && one >= 400 && one <= 599)
  return {
    message: message.slice(0, longestMessage),
    type: textOf(type),
    param: textOf(param),
    code: typeof code === 'number' ? String(code) : textOf(code),
    status: named ?? null,
  }
}

function unexplained(error: Record<string, unknown>): string {
  return textOf(error.type) ?? textOf(error.code) ?? textOf(error.status) ?? 'an error without a message'
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
