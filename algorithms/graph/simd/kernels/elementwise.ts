import * as code from '../opcodes'
import { exp4, log4, sigmoid4, tanh4 } from './functions'
import { floatWord, loadSome, storeSome, word } from './lanes'
import { advance, at0, at1, at2, startAt } from './strided'

// @ts-ignore: decorator
@inline
function of1(kind: i32, x: v128, p: v128, q: v128): v128 {
  if (kind == code.neg) return f32x4.neg(x)
  if (kind == code.exp) return exp4(x)
  if (kind == code.log) return log4(x)
  if (kind == code.sqrt) return f32x4.sqrt(x)
  if (kind == code.square) return f32x4.mul(x, x)
  if (kind == code.abs) return f32x4.abs(x)
  if (kind == code.sign) {
    const zero = f32x4.splat(0.0)
    const one = v128.and(f32x4.gt(x, zero), f32x4.splat(1.0))
    const signed = v128.or(one, v128.and(f32x4.lt(x, zero), f32x4.splat(-1.0)))
    // NaN and zeros stay as they are.
    return v128.bitselect(signed, x, v128.or(f32x4.gt(x, zero), f32x4.lt(x, zero)))
  }
  if (kind == code.relu) return f32x4.pmax(x, f32x4.splat(0.0))
  if (kind == code.tanh) return tanh4(x)
  if (kind == code.sigmoid) return sigmoid4(x)
  if (kind == code.clamp) return f32x4.pmin(f32x4.pmax(x, p), q)
  // huber: p is delta, q half of it
  const size = f32x4.abs(x)
  const inner = f32x4.mul(f32x4.splat(0.5), f32x4.mul(x, x))
  return v128.bitselect(inner, f32x4.mul(p, f32x4.sub(size, q)), f32x4.le(size, p))
}

/** Words: out, x, count, two numbers. */
// @ts-ignore: decorator
@inline
export function unary(kind: i32, command: usize): void {
  let out: usize = word(command, 0)
  let x: usize = word(command, 1)
  const count = word(command, 2)
  const p = f32x4.splat(floatWord(command, 3))
  const q = f32x4.splat(floatWord(command, 4))
  const end = x + ((count & ~3) << 2)
  while (x < end) {
    v128.store(out, of1(kind, v128.load(x), p, q))
    x += 16
    out += 16
  }
  if (count & 3) storeSome(out, of1(kind, loadSome(x, count & 3), p, q), count & 3)
}

// @ts-ignore: decorator
@inline
function of2(kind: i32, a: v128, b: v128): v128 {
  if (kind == code.add) return f32x4.add(a, b)
  if (kind == code.sub) return f32x4.sub(a, b)
  if (kind == code.mul) return f32x4.mul(a, b)
  if (kind == code.div) return f32x4.div(a, b)
  if (kind == code.maximum) return f32x4.max(a, b)
  if (kind == code.minimum) return f32x4.min(a, b)
  if (kind == code.reluGradient) return v128.and(a, f32x4.gt(b, f32x4.splat(0.0)))
  const one = f32x4.splat(1.0)
  if (kind == code.tanhGradient) return f32x4.mul(a, f32x4.sub(one, f32x4.mul(b, b)))
  return f32x4.mul(a, f32x4.mul(b, f32x4.sub(one, b)))
}

/** Words: out, a, b, length of a row, whether a and b move along it, rows, axes, and these. */
// @ts-ignore: decorator
@inline
export function binary(kind: i32, command: usize): void {
  let out: usize = word(command, 0)
  const length = word(command, 3)
  const movesA = word(command, 4)
  const movesB = word(command, 5)
  const rows = word(command, 6)
  const axes = word(command, 7)
  const rest = length & 3
  const whole = (length & ~3) << 2
  startAt(word(command, 1), word(command, 2), 0)
  for (let row = 0; row < rows; row++) {
    let a = at0
    let b = at1
    if (movesA && movesB) {
      const end = a + whole
      while (a < end) {
        v128.store(out, of2(kind, v128.load(a), v128.load(b)))
        a += 16
        b += 16
        out += 16
      }
      if (rest) storeSome(out, of2(kind, loadSome(a, rest), loadSome(b, rest)), rest)
    } else if (movesA) {
      const end = a + whole
      const same = v128.load_splat<u32>(b)
      while (a < end) {
        v128.store(out, of2(kind, v128.load(a), same))
        a += 16
        out += 16
      }
      if (rest) storeSome(out, of2(kind, loadSome(a, rest), same), rest)
    } else {
      const end = b + whole
      const same = v128.load_splat<u32>(a)
      while (b < end) {
        v128.store(out, of2(kind, same, v128.load(b)))
        b += 16
        out += 16
      }
      if (rest) storeSome(out, of2(kind, same, loadSome(b, rest)), rest)
    }
    out += rest << 2
    if (rows > 1) advance(command + ((8 + code.head) << 2), axes)
  }
}

/** 1 or 0. */
// @ts-ignore: decorator
@inline
function holds<T>(kind: i32, a: T, b: T): u8 {
  if (kind == code.isGreater) return u8(a > b)
  if (kind == code.isGreaterEqual) return u8(a >= b)
  return u8(a == b)
}

/** Words: out, a, b, length of a row, bytes by which a and b move along it, rows, axes, comparison, type, and the axes. */
export function compare(command: usize): void {
  let out: usize = word(command, 0)
  const length = word(command, 3)
  const stepA = word(command, 4)
  const stepB = word(command, 5)
  const rows = word(command, 6)
  const axes = word(command, 7)
  const kind = word(command, 8)
  const type = word(command, 9)
  startAt(word(command, 1), word(command, 2), 0)
  for (let row = 0; row < rows; row++) {
    let a = at0
    let b = at1
    for (let k = 0; k < length; k++) {
      if (type == code.f32Type) store<u8>(out, holds<f32>(kind, load<f32>(a), load<f32>(b)))
      else if (type == code.i32Type) store<u8>(out, holds<i32>(kind, load<i32>(a), load<i32>(b)))
      else store<u8>(out, holds<u8>(kind, load<u8>(a), load<u8>(b)))
      out++
      a += stepA
      b += stepB
    }
    if (rows > 1) advance(command + ((10 + code.head) << 2), axes)
  }
}

/** Words: out, condition, a, b, length of a row, bytes by which they move along it, rows, axes, and these. */
export function where(command: usize): void {
  let out: usize = word(command, 0)
  const length = word(command, 4)
  const stepC = word(command, 5)
  const stepA = word(command, 6)
  const stepB = word(command, 7)
  const rows = word(command, 8)
  const axes = word(command, 9)
  startAt(word(command, 1), word(command, 2), word(command, 3))
  for (let row = 0; row < rows; row++) {
    let c = at0
    let a = at1
    let b = at2
    for (let k = 0; k < length; k++) {
      store<f32>(out, select(load<f32>(a), load<f32>(b), load<u8>(c) != 0))
      out += 4
      c += stepC
      a += stepA
      b += stepB
    }
    if (rows > 1) advance(command + ((10 + code.head) << 2), axes)
  }
}

/** Words: out, x, count, type from, type to. */
export function cast(command: usize): void {
  const out: usize = word(command, 0)
  const x: usize = word(command, 1)
  const count = word(command, 2)
  const from = word(command, 3)
  const to = word(command, 4)
  for (let k = 0; k < count; k++) {
    const k4 = usize(k) << 2
    if (from == code.f32Type) {
      const value = load<f32>(x + k4)
      if (to == code.i32Type) store<i32>(out + k4, i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(f32x4.splat(value)), 0))
      else store<u8>(out + k, u8(value != 0))
    } else {
      const value = from == code.i32Type ? load<i32>(x + k4) : i32(load<u8>(x + k))
      if (to == code.f32Type) store<f32>(out + k4, f32(value))
      else if (to == code.i32Type) store<i32>(out + k4, value)
      else store<u8>(out + k, u8(value != 0))
    }
  }
}
