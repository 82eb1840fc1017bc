import type { ChatRequest } from './chat-request.js'
import { membersOf } from './json-text.js'

/** A request as agents get it. */
export interface ForwardedBody {
  /**
   * Whether the agent of a stream can be asked what it uses on the gateway's own account: the client hasn't, and nothing of what it
   * sent says something else about it.
   */
  readonly canAskUsage: boolean
  /** @param askUsage - adds `stream_options.include_usage` */
  text(model: string, askUsage: boolean): string
}

/** A piece of a text and what takes its place. */
interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * A request as agents get it: byte for byte what came, only with the agent's own model name, and with the question what a
 * stream uses. What would change on its way through a JSON parser, such as integers beyond 2^53, thus arrives as it was sent.
 * Only where a key stands twice what was read is written anew: whoever reads it next may take the other one.
 * @param json - the text of `request`
 */
export function forwardedBody(json: string, request: ChatRequest): ForwardedBody {
  const options = usageOptions(request)
  const canAskUsage = options !== null
  const members = membersOf(json)
  const model = members.find(({ key }) => key === 'model')
  if (model === undefined || new Set(members.map(({ key }) => key)).size < members.length) {
    const asking = { ...request, stream_options: options }
    return { canAskUsage, text: (name, askUsage) => JSON.stringify({ ...(askUsage ? asking : request), model: name }) }
  }
  const place = members.find(({ key }) => key === 'stream_options')
  const asked = JSON.stringify(options)
  const text = (name: string, askUsage: boolean) => {
    const named = { from: model.from, to: model.to, text: JSON.stringify(name) }
    if (!askUsage) return edited(json, [named])
    if (place === undefined) return edited(json, [{ ...named, text: `${named.text},"stream_options":${asked}` }])
    return edited(json, [named, { from: place.from, to: place.to, text: asked }])
  }
  return { canAskUsage, text }
}

/** The options of a stream that ask for its usage, whatever else the client set; null where they aren't ours to set. */
function usageOptions({ stream, stream_options: options }: ChatRequest): Record<string, unknown> | null {
  if (stream !== true) return null
  if (options === undefined || options === null) return { include_usage: true }
  if (typeof options !== 'object' || Array.isArray(options)) return null
  const { include_usage: asked } = options as Record<string, unknown>
  // Nonsense is for the agent to refuse.
  if (asked !== undefined && asked !== null && asked !== false) return null
  return { ...options, include_usage: true }
}

function edited(json: string, edits: readonly Edit[]): string {
  let text = ''
  let at = 0
  for (const edit of [...edits].sort((a, b) => a.from - b.from)) {
    text += json.slice(at, edit.from) + edit.text
    at = edit.to
  }
  return text + json.slice(at)
}
