import type { RawResponse } from './raw-http.js'

/** How a chat request ended: an answer, an answer that broke off with an error, or an error of this status and code. */
export type ChatEnd = 'whole' | 'streamed' | 'broken-stream' | `${number} ${string}`

/**
 * What a response to a chat request is.
 * @throws Error where it is neither an answer nor an error in the OpenAI API's form
 */
export function chatEnd({ status, headers, body }: RawResponse): ChatEnd {
  if (status !== 200) return `${status} ${errorCode(JSON.parse(body))}`
  if (headers['content-type'] === 'application/json') {
    const { choices } = JSON.parse(body) as { choices: { message: { content: string } }[] }
    if (typeof choices[0]!.message.content !== 'string') throw new Error(`no answer: ${body}`)
    return 'whole'
  }
  const events = body.split('\n\n')
  if (events.pop() !== '' || events.pop() !== 'data: [DONE]') throw new Error(`a stream without an end: ${body}`)
  const data = events.map((event) => JSON.parse(event.slice('data: '.length)) as { choices?: unknown; error?: unknown })
  const errors = data.filter(({ error }) => error !== undefined)
  if (errors.length > 0) {
    if (errors.length > 1 || data.at(-1) !== errors[0])
      throw new Error(`more than one error, or not at the end: ${body}`)
    errorCode(data.at(-1))
    return 'broken-stream'
  }
  if (data.length === 0 || !data.every(({ choices }) => Array.isArray(choices))) throw new Error(`no chunks: ${body}`)
  return 'streamed'
}

/** The code of an error in the OpenAI API's form. @throws Error where it isn't one */
export function errorCode(json: unknown): string {
  const { error, ...more } = json as { error?: Record<string, unknown> }
  const keys = Object.keys(error ?? {})
    .sort()
    .join()
  if (keys !== 'code,message,param,type' || Object.keys(more).length > 0 || typeof error!.message !== 'string') {
    throw new Error(`not an error of the API: ${JSON.stringify(json)}`)
  }
  return String(error!.code)
}
