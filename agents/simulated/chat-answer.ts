import type { ServerResponse } from 'node:http'

/** What a simulated agent was asked, as far as it matters to it. */
export interface SimulatedRequest {
  readonly model: string
  readonly stream: boolean
  readonly includeUsage: boolean
  /** Of the last message. */
  readonly text: string
}

/** A request's body. @returns null where it is no chat completion */
export function readRequest(body: string): SimulatedRequest | null {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return null
  }
  if (typeof json !== 'object' || json === null) return null
  const { model, messages, stream, stream_options: options } = json as Record<string, unknown>
  if (typeof model !== 'string' || !Array.isArray(messages)) return null
  const content = (messages.at(-1) as { content?: unknown } | null | undefined)?.content
  return {
    model,
    stream: stream === true,
    includeUsage: (options as { include_usage?: unknown } | null | undefined)?.include_usage === true,
    text: typeof content === 'string' ? content : JSON.stringify(content ?? ''),
  }
}

/** Answers whole or as a stream, in the form of the OpenAI API. */
export function writeAnswer(
  response: ServerResponse,
  request: SimulatedRequest,
  text: string,
  headers: { readonly [name: string]: string },
): void {
  const words = text.split(/(?<= )/)
  if (!request.stream) {
    const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }]
    writeJson(response, 200, { ...head(request, 'chat.completion'), choices, usage: usageOf(request, words) }, headers)
    return
  }
  openStream(response, headers)
  writeChunk(response, request, { role: 'assistant', content: '' })
  for (const word of words) writeChunk(response, request, { content: word })
  writeChunk(response, request, {}, 'stop')
  if (request.includeUsage) {
    writeEvent(response, { ...head(request, 'chat.completion.chunk'), choices: [], usage: usageOf(request, words) })
  }
  response.end('data: [DONE]\n\n')
}

export function writeJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: { readonly [name: string]: string } = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export function writeError(
  response: ServerResponse,
  status: number,
  message: string,
  headers: { readonly [name: string]: string } = {},
): void {
  writeJson(response, status, { error: { message, type: 'simulated', param: null, code: null } }, headers)
}

export function openStream(response: ServerResponse, headers: { readonly [name: string]: string } = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers }).flushHeaders()
}

export function writeChunk(
  response: ServerResponse,
  request: SimulatedRequest,
  delta: object,
  finish: string | null = null,
): void {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  writeEvent(response, { ...head(request, 'chat.completion.chunk'), choices })
}

function writeEvent(response: ServerResponse, body: object): void {
  response.write(`data: ${JSON.stringify(body)}\n\n`)
}

function head({ model }: SimulatedRequest, object: string): object {
  return { id: 'chatcmpl-simulated', object, created: 0, model }
}

/** Four characters a token of the question, one a word of the answer. */
function usageOf({ text }: SimulatedRequest, words: readonly string[]): object {
  const prompt = Math.ceil(text.length / 4)
  return { prompt_tokens: prompt, completion_tokens: words.length, total_tokens: prompt + words.length }
}
