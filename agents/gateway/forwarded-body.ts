import type { ChatRequest } from './chat-request.js'

/**
 * A request as agents get it: byte for byte what came, only with the agent's own model name. What would change on its way
 * through a JSON parser, such as integers beyond 2^53, thus arrives as it was sent. Only where a key stands twice what was
 * read is written anew: whoever reads it next may take the other one.
 * @param json - the text of `request`
 * @returns the text for a model
 */
export function forwardedBody(json: string, request: ChatRequest): (model: string) => string {
  const members = topMembers(json)
  const place = members.find(({ key }) => key === 'model')
  if (place === undefined || new Set(members.map(({ key }) => key)).size < members.length) {
    return (model) => JSON.stringify({ ...request, model })
  }
  const [before, after] = [json.slice(0, place.from), json.slice(place.to)]
  return (model) => before + JSON.stringify(model) + after
}

interface Member {
  readonly key: string
  /** Of its value, in the text. */
  readonly from: number
  readonly to: number
}

/** The members of a JSON object that is known to be valid. */
function topMembers(json: string): Member[] {
  const members: Member[] = []
  let at = json.indexOf('{') + 1
  for (;;) {
    const keyFrom = json.indexOf('"', at)
    if (keyFrom < 0) return members
    const keyTo = endOfString(json, keyFrom)
    const from = json.indexOf(':', keyTo) + 1
    const to = endOfValue(json, from)
    members.push({ key: JSON.parse(json.slice(keyFrom, keyTo)) as string, from, to })
    if (json[to] !== ',') return members
    at = to + 1
  }
}

/** Of a string that begins at `from`: just after its closing quote. */
function endOfString(json: string, from: number): number {
  let at = from + 1
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

/** Where the comma or bracket stands that ends the value that begins at `from`. */
function endOfValue(json: string, from: number): number {
  let depth = 0
  for (let at = from; at < json.length; at++) {
    const c = json[at]
    if (c === '"') at = endOfString(json, at) - 1
    else if (c === '{' || c === '[') depth++
    else if (depth === 0 && (c === ',' || c === '}')) return at
    else if (c === '}' || c === ']') depth--
  }
  return json.length
}
