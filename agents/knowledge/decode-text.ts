import { documentProblem } from './document.js'

/**
 * The text of a file, without a byte order mark.
 * @throws ConfigError with file and line where it isn't UTF-8 text
 */
export function decodeText(file: string, bytes: Uint8Array): string {
  const mark = bytes.length > 1 ? (bytes[0]! << 8) | bytes[1]! : 0
  if (mark === 0xfffe || mark === 0xfeff) throw documentProblem(file, 'this file is UTF-16; save it as UTF-8')
  const zero = bytes.indexOf(0)
  if (zero >= 0) throw notText(file, bytes, zero, 'a byte of 0')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const at = firstWrongLine(bytes)
    throw notText(file, bytes, at, 'bytes that are not UTF-8')
  }
}

function notText(file: string, bytes: Uint8Array, at: number, what: string) {
  let line = 1
  for (let k = 0; k < at; k++) if (bytes[k] === 0x0a) line++
  return documentProblem(file, `expected text, got ${what}; save it as UTF-8, or leave it out`, { line })
}

/** Where the first line begins that isn't UTF-8: no character of several bytes holds the byte of a line's end. */
function firstWrongLine(bytes: Uint8Array): number {
  for (let from = 0; ; ) {
    const end = bytes.indexOf(0x0a, from)
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, end < 0 ? bytes.length : end))
    } catch {
      return from
    }
    if (end < 0) return from
    from = end + 1
  }
}
