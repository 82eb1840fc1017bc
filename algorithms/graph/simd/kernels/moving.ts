import * as code from '../opcodes'
import { word } from './lanes'
import { advance, at0, at1, startAt } from './strided'

/**
 * Copies between strided arrays of numbers of 4 bytes or 1.
 * Words: to, from, length of a row, bytes by which both move along it, rows, axes, and these.
 */
// @ts-ignore: decorator
@inline
function copy<T>(command: usize): void {
  const size = <i32>sizeof<T>()
  const length = word(command, 2)
  const stepTo = word(command, 3)
  const stepFrom = word(command, 4)
  const rows = word(command, 5)
  const axes = word(command, 6)
  const whole = (length * size) & ~15
  const near = stepTo == size && stepFrom == size
  const same = stepTo == size && stepFrom == 0
  startAt(word(command, 0), word(command, 1), 0)
  for (let row = 0; row < rows; row++) {
    let to = at0
    let from = at1
    let k = 0
    if (near || same) {
      const end = to + whole
      const value = load<T>(from)
      const repeated = size == 4 ? i32x4.splat(i32(value)) : i8x16.splat(i8(value))
      while (to < end) {
        v128.store(to, same ? repeated : v128.load(from))
        to += 16
        from += near ? 16 : 0
      }
      k = whole / size
    }
    for (; k < length; k++) {
      store<T>(to, load<T>(from))
      to += stepTo
      from += stepFrom
    }
    if (rows > 1) advance(command + ((7 + code.head) << 2), axes)
  }
}

export function copy4(command: usize): void {
  copy<u32>(command)
}

export function copy1(command: usize): void {
  copy<u8>(command)
}

/** Zeros. Words: out, bytes. */
export function fill(command: usize): void {
  memory.fill(word(command, 0), 0, word(command, 1))
}
