import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { ApiError } from './api-error.js'
import { depthOf } from './json-text.js'

/** How deep arrays and objects may lie in each other: tool schemas lie a few dozen deep. */
const maxDepth = 256

const part = z.looseObject({ type: z.string(), text: z.string().optional() })

const chatSchema = z.looseObject({
  model: z.string(),
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(part), z.null()]).optional() }))
    .min(1),
  stream: z.boolean().nullish(),
})

/** A request for a chat completion: what the gateway reads of it. Everything else goes to the agent as it came. */
export type ChatRequest = z.infer<typeof chatSchema>

/** @throws ApiError 415 naming what came, when it isn't JSON as it stands */
export function checkMediaType(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding']?.trim() ?? ''
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    const message = `the body is compressed (content-encoding: ${shown(encoding)}); send it as it is, without that header`
    const accept = { 'accept-encoding': 'identity' }
    throw new ApiError(415, message, { code: 'unsupported_content_encoding', headers: accept })
  }
  const type = headers['content-type']?.trim() ?? ''
  if (type.split(';')[0]!.trim().toLowerCase() === 'application/json') return
  const message = `expected content-type: application/json, got ${type === '' ? 'none' : shown(type)}`
  throw new ApiError(415, message, { code: 'unsupported_media_type' })
}

/** What a header said, in a message. */
function shown(value: string): string {
  return JSON.stringify(value.slice(0, 100))
}

/** The text of a body. @throws ApiError 400 when it is not UTF-8 */
export function decodeBody(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid('the body is not UTF-8', 'invalid_utf8')
  }
}

/** @throws ApiError 400 saying what is wrong with it */
export function parseChatRequest(text: string): ChatRequest {
  return parseBody(text, chatSchema)
}

/** A JSON body that fits a schema. @throws ApiError 400 saying what is wrong with it */
export function parseBody<T>(text: string, schema: z.ZodType<T>): T {
  if (depthOf(text) > maxDepth) throw invalid(`the body is nested more than ${maxDepth} deep`, 'too_deep')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    // What V8 says shows a piece of the text, which may be private: only its place is kept.
    const place = /position \d+/.exec((error as Error).message)?.[0]
    throw invalid(`the body is not JSON${place === undefined ? '' : ` (${place})`}`, 'invalid_json')
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  const param = path.join('.') || null
  throw invalid(`${param === null ? '' : `${param}: `}${message}`, 'invalid_request', param)
}

/**
 * The text that the policy reads: that of the last message of the user, its text parts joined by line ends; '' without one.
 * Training sees the same: the query alone, without system prompts and earlier turns.
 */
export function promptText({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role }) => role === 'user')
  return last === undefined ? '' : messageText(last)
}

/** The text of a message, its text parts joined by line ends; '' without one. */
export function messageText({ content }: ChatRequest['messages'][number]): string {
  if (typeof content === 'string') return content
  const parts = (content ?? []).filter(({ type }) => type === 'text').map(({ text }) => text ?? '')
  return parts.join('\n')
}

/** The beginning of a text, without half of a character at its end. @param limit - UTF-16 units */
export function beginningOf(text: string, limit: number): string {
  if (text.length <= limit) return text
  const half = /[\ud800-\udbff]/.test(text[limit - 1]!) && /[\udc00-\udfff]/.test(text[limit]!)
  return text.slice(0, half ? limit - 1 : limit)
}

function invalid(message: string, code: string, param: string | null = null): ApiError {
  return new ApiError(400, message, { code, param })
}
