/**
 * Where a string in a JSON text ends: just after its closing quote, or at the end of the text where it has none. Long strings
 * (pictures) are passed over as fast as the machine searches.
 * @param from - of its opening quote
 */
export function endOfString(json: string, from: number): number {
  for (let at = from + 1; ; ) {
    const quote = json.indexOf('"', at)
    if (quote < 0) return json.length
    let slashes = 0
    while (json.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return quote + 1
    at = quote + 1
  }
}

/** How deep brackets lie in each other, strings left out: what recursion over the parsed value would need. */
export function depthOf(json: string): number {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < json.length; at++) {
    const c = json.charCodeAt(at)
    if (c === 0x22) at = endOfString(json, at) - 1
    else if (c === 0x5b || c === 0x7b) deepest = Math.max(deepest, ++depth)
    else if (c === 0x5d || c === 0x7d) depth--
  }
  return deepest
}

/** A member of a JSON object, in its text. */
export interface Member {
  readonly key: string
  /** Of its value. */
  readonly from: number
  readonly to: number
}

/** The members of a JSON object that is known to be valid. */
export function membersOf(json: string): Member[] {
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
