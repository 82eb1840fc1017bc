import { GraphError } from './graph-error.js'
import { type Shape, showShape } from './tensor.js'

/**
 * The shape that both fit: axes are compared from the last; one of length 1, or that is missing, is repeated.
 * @throws GraphError naming both
 */
export function broadcastShape(what: string, one: Shape, other: Shape): Shape {
  const axes = Math.max(one.length, other.length)
  return Array.from({ length: axes }, (_, k) => {
    const a = one[k - axes + one.length] ?? 1
    const b = other[k - axes + other.length] ?? 1
    if (a !== b && a !== 1 && b !== 1) {
      throw new GraphError(`${what}: ${showShape(one)} and ${showShape(other)} don't fit: ${a} and ${b} at axis ${k}`)
    }
    return a === 1 ? b : a
  })
}

/** Axes of `whole` along which something of shape `part` is repeated. */
export function repeatedAxes(part: Shape, whole: Shape): number[] {
  const missing = whole.length - part.length
  return whole.flatMap((length, k) => (k < missing || (part[k - missing] === 1 && length !== 1) ? [k] : []))
}
