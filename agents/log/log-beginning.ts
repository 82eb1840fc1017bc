import { FIRST_FORMAT } from './first-format.js'
import { LOG_FORMAT } from './log-kinds.js'

/** How every decision log begins, whatever its version. Lines of both formats may stand in one file. */
const begins = [LOG_FORMAT, FIRST_FORMAT].map((format) => `{"format":"${format.replace(/\d+$/, '')}`)

/** So many bytes tell a decision log. */
export const tellingBytes = Math.max(...begins.map((begin) => begin.length))

/** Whether a file that begins like this may be a decision log: one whose only line was torn may be shorter than what logs begin with. */
export function beginsAsLog(text: string): boolean {
  return begins.some((begin) => text.slice(0, begin.length) === begin.slice(0, text.length))
}
