/** Scheme and slashes, host and port, or a password before a host. */
const looksLikeUrl = /^[a-z][a-z0-9+.-]*:?\/\/|^[a-z0-9.-]+:\d{1,6}(?:\/|$)|@/i

/**
 * A text that should be a URL, for messages: without user and password, and without what its query says. Other text may be a key in the
 * wrong place: only its beginning is shown.
 */
export function shownUrl(text: string): string {
  if (!looksLikeUrl.test(text)) return `${JSON.stringify(text.slice(0, 12))}${text.length > 12 ? '...' : ''}`
  const plain = text.replace(/\?.*/s, '?...').replace(/^((?:[a-z][a-z0-9+.-]*:(?=\/\/))?\/*).*@/is, '$1...@')
  return JSON.stringify(plain.length > 200 ? `${plain.slice(0, 200)}...` : plain)
}

/** The port of a text that should be a URL, where it is above the highest there is. */
export function portTooHigh(text: string): string | null {
  const port = /^[a-z]+:\/\/(?:[^/?#]*@)?(?:\[[^\]]*\]|[^/?#:]*):(\d+)(?:[/?#]|$)/i.exec(text)?.[1]
  return port !== undefined && Number(port) > 65_535 ? port : null
}
