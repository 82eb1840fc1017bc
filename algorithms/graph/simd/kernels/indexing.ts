import { faultAt } from '../opcodes'
import { exp4, log4 } from './functions'
import { loadSome, storeSome, sumLanes, word } from './lanes'

// @ts-ignore: decorator
@inline
function fault(command: usize, index: i32): void {
  if (load<i32>(faultAt) == 0) {
    store<i32>(faultAt, <i32>command)
    store<i32>(faultAt, index, 4)
  }
}

/** Words: out, x, indices, rows, length of a row. */
export function gather(command: usize): void {
  const out: usize = word(command, 0)
  let x: usize = word(command, 1)
  const indices: usize = word(command, 2)
  const rows = word(command, 3)
  const length = word(command, 4)
  for (let row = 0; row < rows; row++) {
    const index = load<i32>(indices + (row << 2))
    if (<u32>index < <u32>length) store<f32>(out + (row << 2), load<f32>(x + (index << 2)))
    else fault(command, index)
    x += length << 2
  }
}

/** Words: out, indices, values, rows, length of a row. */
export function scatter(command: usize): void {
  let out: usize = word(command, 0)
  const indices: usize = word(command, 1)
  const values: usize = word(command, 2)
  const rows = word(command, 3)
  const length = word(command, 4)
  memory.fill(out, 0, (rows * length) << 2)
  for (let row = 0; row < rows; row++) {
    const index = load<i32>(indices + (row << 2))
    if (<u32>index < <u32>length) store<f32>(out + (index << 2), load<f32>(values + (row << 2)))
    else fault(command, index)
    out += length << 2
  }
}

/** Words: out, table, indices, count of these, rows of the table, length of a row. */
export function gatherRows(command: usize): void {
  let out: usize = word(command, 0)
  const table: usize = word(command, 1)
  const indices: usize = word(command, 2)
  const count = word(command, 3)
  const rows = word(command, 4)
  const bytes = word(command, 5) << 2
  for (let k = 0; k < count; k++) {
    const index = load<i32>(indices + (k << 2))
    if (<u32>index < <u32>rows) memory.copy(out, table + index * bytes, bytes)
    else fault(command, index)
    out += bytes
  }
}

/** Words: out, indices, values, count of these, rows of the table, length of a row. */
export function scatterAddRows(command: usize): void {
  const out: usize = word(command, 0)
  const indices: usize = word(command, 1)
  let values: usize = word(command, 2)
  const count = word(command, 3)
  const rows = word(command, 4)
  const length = word(command, 5)
  memory.fill(out, 0, (rows * length) << 2)
  for (let k = 0; k < count; k++) {
    const index = load<i32>(indices + (k << 2))
    if (<u32>index < <u32>rows) {
      let to = out + ((index * length) << 2)
      let from = values
      let left = length
      for (; left >= 4; left -= 4) {
        v128.store(to, f32x4.add(v128.load(to), v128.load(from)))
        to += 16
        from += 16
      }
      if (left > 0) storeSome(to, f32x4.add(loadSome(to, left), loadSome(from, left)), left)
    } else fault(command, index)
    values += length << 2
  }
}

/** Of four bytes, 0 or not, all bits or none in each lane. */
// @ts-ignore: decorator
@inline
function lanesOf(mask: usize, count: i32): v128 {
  let bytes = i32x4.splat(0)
  if (count == 4) bytes = v128.load_zero<u32>(mask)
  else {
    let packed: u32 = load<u8>(mask)
    if (count > 1) packed |= <u32>load<u8>(mask, 1) << 8
    if (count > 2) packed |= <u32>load<u8>(mask, 2) << 16
    bytes = i32x4.replace_lane(bytes, 0, packed)
  }
  const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes))
  return i32x4.ne(wide, i32x4.splat(0))
}

/** Softmax over what a mask lets, or its logarithm; 0 elsewhere. Words: out, x, mask, rows, length of a row, whether the logarithm. */
export function softmax(command: usize): void {
  let out: usize = word(command, 0)
  let x: usize = word(command, 1)
  let mask: usize = word(command, 2)
  const rows = word(command, 3)
  const length = word(command, 4)
  const logarithm = word(command, 5)
  for (let row = 0; row < rows; row++) {
    let most = -Infinity as f32
    let some = 0
    for (let k = 0; k < length; k++) {
      if (load<u8>(mask + k)) {
        const value = load<f32>(x + (k << 2))
        // A NaN stays.
        most = value <= most ? most : value
        some = 1
      }
    }
    if (!some) {
      fault(command, 0)
      memory.fill(out, 0, length << 2)
    } else {
      const top = f32x4.splat(most)
      let total = f32x4.splat(0.0)
      for (let k = 0; k < length; k += 4) {
        const count = min(length - k, 4)
        const values = count == 4 ? v128.load(x + (k << 2)) : loadSome(x + (k << 2), count)
        const lets = lanesOf(mask + k, count)
        const less = f32x4.sub(values, top)
        const e = v128.and(exp4(less), lets)
        total = f32x4.add(total, e)
        const kept = logarithm ? v128.and(less, lets) : e
        if (count == 4) v128.store(out + (k << 2), kept)
        else storeSome(out + (k << 2), kept, count)
      }
      const whole = f32x4.splat(sumLanes(total))
      const shift = log4(whole)
      for (let k = 0; k < length; k += 4) {
        const count = min(length - k, 4)
        const to = out + (k << 2)
        const kept = count == 4 ? v128.load(to) : loadSome(to, count)
        const value = logarithm
          ? v128.and(f32x4.sub(kept, shift), lanesOf(mask + k, count))
          : f32x4.div(kept, whole)
        if (count == 4) v128.store(to, value)
        else storeSome(to, value, count)
      }
    }
    out += length << 2
    x += length << 2
    mask += length
  }
}
