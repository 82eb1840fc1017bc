import { type Shape, sizeOf } from '../tensor.js'
import { axisWords } from './opcodes.js'

/** A loop over arrays with strides: rows along which each moves by a step, and axes over which the rows go. In bytes. */
export interface StridedLoop {
  readonly length: number
  readonly steps: readonly number[]
  readonly rows: number
  readonly axes: number
  /** Those of the axes, as the kernels read them. */
  readonly words: readonly number[]
}

/** Row-major strides, in numbers. */
export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
}

/** Strides, in numbers, over `whole` of something that is repeated to it. */
export function repeatedStrides(part: Shape, whole: Shape): number[] {
  const own = stridesOf(part)
  const missing = whole.length - part.length
  return whole.map((_, k) => (k < missing || part[k - missing] === 1 ? 0 : own[k - missing]!))
}

/**
 * As few and as long axes as can be: those that every array passes as if they were one become one.
 * @param strides - of up to three arrays, in bytes an axis
 */
export function stridedLoop(shape: Shape, strides: readonly (readonly number[])[]): StridedLoop {
  const merged: { length: number; steps: number[] }[] = []
  shape.forEach((length, axis) => {
    if (length === 1) return
    const steps = strides.map((all) => all[axis]!)
    const before = merged.at(-1)
    if (before?.steps.every((step, k) => step === steps[k]! * length)) {
      before.length *= length
      before.steps = steps
    } else merged.push({ length, steps })
  })
  const row = merged.pop() ?? { length: 1, steps: strides.map(() => 0) }
  return {
    length: row.length,
    steps: row.steps,
    rows: merged.reduce((product, { length }) => product * length, 1),
    axes: merged.length,
    words: merged.flatMap(({ length, steps }) => {
      const words = [length, ...steps]
      return [...words, ...Array<number>(axisWords - words.length).fill(0)]
    }),
  }
}
