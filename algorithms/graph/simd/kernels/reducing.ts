import { loadSome, storeSome, sumLanes, word } from './lanes'

/**
 * Sums of x [outer, length, inner] over its middle, in a fixed order: along a row eight sums in parallel, added at the end; else one after
 * the other. Words: out, x, outer, length, inner.
 */
export function sum(command: usize): void {
  let out: usize = word(command, 0)
  let x: usize = word(command, 1)
  const outer = word(command, 2)
  const length = word(command, 3)
  const inner = word(command, 4)
  if (inner == 1) {
    for (let row = 0; row < outer; row++) {
      store<f32>(out, rowSum(x, length))
      out += 4
      x += length << 2
    }
    return
  }
  const stride: usize = inner << 2
  for (let block = 0; block < outer; block++) {
    let column = 0
    for (; column + 16 <= inner; column += 16) {
      let at = x + (column << 2)
      let a = f32x4.splat(0.0)
      let b = f32x4.splat(0.0)
      let c = f32x4.splat(0.0)
      let d = f32x4.splat(0.0)
      for (let k = 0; k < length; k++) {
        a = f32x4.add(a, v128.load(at))
        b = f32x4.add(b, v128.load(at, 16))
        c = f32x4.add(c, v128.load(at, 32))
        d = f32x4.add(d, v128.load(at, 48))
        at += stride
      }
      const to = out + (column << 2)
      v128.store(to, a)
      v128.store(to, b, 16)
      v128.store(to, c, 32)
      v128.store(to, d, 48)
    }
    for (; column < inner; column += 4) {
      const some = min(inner - column, 4)
      let at = x + (column << 2)
      let a = f32x4.splat(0.0)
      if (some == 4) {
        for (let k = 0; k < length; k++) {
          a = f32x4.add(a, v128.load(at))
          at += stride
        }
        v128.store(out + (column << 2), a)
      } else {
        for (let k = 0; k < length; k++) {
          a = f32x4.add(a, loadSome(at, some))
          at += stride
        }
        storeSome(out + (column << 2), a, some)
      }
    }
    out += stride
    x += <usize>length * stride
  }
}

// @ts-ignore: decorator
@inline
function rowSum(x: usize, length: i32): f32 {
  let a = f32x4.splat(0.0)
  let b = f32x4.splat(0.0)
  let left = length
  for (; left >= 8; left -= 8) {
    a = f32x4.add(a, v128.load(x))
    b = f32x4.add(b, v128.load(x, 16))
    x += 32
  }
  if (left >= 4) {
    a = f32x4.add(a, v128.load(x))
    x += 16
    left -= 4
  }
  if (left > 0) b = f32x4.add(b, loadSome(x, left))
  return sumLanes(f32x4.add(a, b))
}

/** The largest of each row: the first of equal ones, never NaN. Words: out, x, rows, length. */
export function max(command: usize): void {
  let out: usize = word(command, 0)
  let x: usize = word(command, 1)
  const rows = word(command, 2)
  const length = word(command, 3)
  for (let row = 0; row < rows; row++) {
    store<f32>(out, load<f32>(x + (largest(x, length) << 2)))
    out += 4
    x += length << 2
  }
}

/** Where it stands. Words: out, x, rows, length. */
export function argmax(command: usize): void {
  let out: usize = word(command, 0)
  let x: usize = word(command, 1)
  const rows = word(command, 2)
  const length = word(command, 3)
  for (let row = 0; row < rows; row++) {
    store<i32>(out, largest(x, length))
    out += 4
    x += length << 2
  }
}

// @ts-ignore: decorator
@inline
function largest(x: usize, length: i32): i32 {
  let best = load<f32>(x)
  let at = 0
  for (let k = 1; k < length; k++) {
    const value = load<f32>(x + (k << 2))
    // NaN isn't equal to itself: anything is larger.
    const larger = value > best || (best != best && value == value)
    best = larger ? value : best
    at = larger ? k : at
  }
  return at
}
