import type { Asked } from './asked.js'
import { gapSigns, type Reading, shapes } from './reading.js'

/** How a span looks. */
export type SpanShape = 'date' | 'number' | 'name' | 'some-capitals' | 'lower'

const [lower, capital, year, number, month, mixed] = shapes.map((_, k) => k)

/** The look of the words from `first` to `last`. */
export function shapeOfSpan({ shape, terms }: Reading, first: number, last: number): SpanShape {
  let [dates, numbers, capitals, lowers] = [0, 0, 0, 0]
  for (let k = first; k <= last; k++) {
    const own = shape[k]!
    if (own === year || own === month) dates++
    else if (own === number || own === mixed) numbers++
    else if (own === capital) capitals++
    else if (own === lower && terms[k] !== null) lowers++
  }
  if (dates > 0) return 'date'
  if (numbers > 0) return 'number'
  if (capitals === 0) return 'lower'
  return lowers === 0 ? 'name' : 'some-capitals'
}

/** How many kinds of keys a span has. */
export const numSpanKeys = 12

/** What stands at the beginning and the end of a span and what it looks like, alone and with what is asked: keys of odds. */
export function spanKeys(asked: Asked, reading: Reading, first: number, last: number): string[] {
  const { words } = reading
  const { kind, focus } = asked
  const shape = shapeOfSpan(reading, first, last)
  const before = neighbour(reading, first - 1, first)
  const after = neighbour(reading, last + 1, last + 1)
  const length = last - first + 1
  const ending = words[last]!
  return [
    `p:${before}`,
    `n:${after}`,
    `f:${words[first]}`,
    `l:${ending}`,
    `ls:${ending.slice(-3)}`,
    `ks:${kind} ${shape}`,
    `fs:${focus === '' ? kind : focus} ${shape}`,
    `kp:${kind} ${before}`,
    `kf:${kind} ${words[first]}`,
    `kn:${kind} ${after}`,
    `kl:${kind} ${length}`,
    `sl:${shape} ${length}`,
  ]
}

/** The word beside a span, or the sign that divides them. */
function neighbour({ words, gap }: Reading, word: number, at: number): string {
  const sign = gap[at]!
  return sign === gapSigns.none || sign === gapSigns.hyphen ? words[word]! : `#${sign}`
}
