/** What is put together doesn't fit: told with the line that did it, where that is outside the graph's own files. */
export class GraphError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'GraphError'
    const line = userLine(this.stack ?? '')
    if (line !== null) this.message = `${message} (${line})`
  }
}

/** The first line of a stack outside this folder: the network that was being built. */
function userLine(stack: string): string | null {
  for (const frame of stack.split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/)?[^()\s]+:\d+):\d+\)?$/.exec(frame)?.[1]
    if (place === undefined || /algorithms\/graph\/|node:internal/.test(place)) continue
    return place.replace(/^file:\/\//, '')
  }
  return null
}
