import { axisWords } from '../opcodes'

/** Where a strided loop stands in up to three arrays. */
export let at0: usize = 0
export let at1: usize = 0
export let at2: usize = 0

// @ts-ignore: decorator
@inline
export function startAt(one: usize, two: usize, three: usize): void {
  at0 = one
  at1 = two
  at2 = three
}

/** One on along the last axis, or from its end to the next before it. Counters stand at 0 before and after a whole loop. */
export function advance(axes: usize, count: i32): void {
  for (let k = count - 1; k >= 0; k--) {
    const axis = axes + ((k * axisWords) << 2)
    const length = load<i32>(axis)
    const one = load<i32>(axis, 4)
    const two = load<i32>(axis, 8)
    const three = load<i32>(axis, 12)
    at0 += one
    at1 += two
    at2 += three
    const now = load<i32>(axis, 16) + 1
    if (now < length) {
      store<i32>(axis, now, 16)
      return
    }
    store<i32>(axis, 0, 16)
    at0 -= length * one
    at1 -= length * two
    at2 -= length * three
  }
}
