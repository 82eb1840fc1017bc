import { type Shape, sizeOf } from '../tensor.js'

/** How far apart, row-major, neighbours along each axis lie. */
export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
}

/** Where a coordinate lies. */
export function positionAt(coordinates: readonly number[], strides: readonly number[]): number {
  return coordinates.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)
}

/** For all coordinates of a shape, row-major, where they lie in something with these strides. */
export function positions(shape: Shape, strides: readonly number[], from = 0): Int32Array {
  const own = stridesOf(shape)
  return Int32Array.from({ length: sizeOf(shape) }, (_, k) => {
    const coordinates = shape.map((length, axis) => Math.floor(k / own[axis]!) % length)
    return from + positionAt(coordinates, strides)
  })
}

/** For all coordinates of `whole` where they lie in what is repeated to it. */
export function repeatedPositions(part: Shape, whole: Shape): Int32Array {
  const own = stridesOf(part)
  const missing = whole.length - part.length
  const strides = whole.map((_, axis) => (axis < missing || part[axis - missing] === 1 ? 0 : own[axis - missing]!))
  return positions(whole, strides)
}
