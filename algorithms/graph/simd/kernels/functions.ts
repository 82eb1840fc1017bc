/**
 * Functions of four numbers at once. Errors are in units in the last place of f32, held against f64 in kernels.test.ts: exp 2, log 2,
 * tanh 4, sigmoid 3. No fused multiply-add: the same bits everywhere.
 */

/** e^r - 1 for |r| <= ln 2 / 2: the series to r^7, whose rest is below 1e-8 of it. */
// @ts-ignore: decorator
@inline
function expLess1(r: v128): v128 {
  let q = f32x4.splat(1.0 / 5040.0)
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(1.0 / 720.0))
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(1.0 / 120.0))
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(1.0 / 24.0))
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(1.0 / 6.0))
  q = f32x4.add(f32x4.mul(q, r), f32x4.splat(0.5))
  return f32x4.add(r, f32x4.mul(f32x4.mul(r, r), q))
}

/** 2^n of whole numbers -126 to 127. */
// @ts-ignore: decorator
@inline
function powerOf2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23)
}

/** x - n ln 2, with ln 2 in two parts of which the first times n is exact. */
// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  const once = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  return f32x4.sub(once, f32x4.mul(n, f32x4.splat(-2.1219444e-4)))
}

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // pmin and pmax keep a NaN that stands first.
  const within = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89.0)), f32x4.splat(-104.0))
  const n = f32x4.nearest(f32x4.mul(within, f32x4.splat(1.4426950408889634)))
  const e = f32x4.add(f32x4.splat(1.0), expLess1(reduced(within, n)))
  // In two steps, since 2^128 and 2^-150 are no f32.
  const whole = i32x4.trunc_sat_f32x4_s(n)
  const half = i32x4.shr_s(whole, 1)
  return f32x4.mul(f32x4.mul(e, powerOf2(half)), powerOf2(i32x4.sub(whole, half)))
}

/** x = 2^e (1 + f), 1 + f between sqrt 1/2 and sqrt 2; log (1 + f) by the series of artanh (f / (2 + f)). */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const small = f32x4.lt(x, f32x4.splat(1.17549435e-38))
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608.0)), x, small)
  // Bits of sqrt 1/2 are 0x3f3504f3: what lies above it by a power of two counts to the next exponent.
  const shifted = i32x4.sub(scaled, i32x4.splat(0x3f3504f3))
  const exponent = i32x4.shr_s(shifted, 23)
  const mantissa = i32x4.sub(scaled, i32x4.shl(exponent, 23))
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(small, f32x4.splat(23.0)))
  const f = f32x4.sub(mantissa, f32x4.splat(1.0))
  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2.0)))
  const z = f32x4.mul(s, s)
  let r = f32x4.splat(2.0 / 11.0)
  r = f32x4.add(f32x4.mul(r, z), f32x4.splat(2.0 / 9.0))
  r = f32x4.add(f32x4.mul(r, z), f32x4.splat(2.0 / 7.0))
  r = f32x4.add(f32x4.mul(r, z), f32x4.splat(2.0 / 5.0))
  r = f32x4.mul(z, f32x4.add(f32x4.mul(r, z), f32x4.splat(2.0 / 3.0)))
  // log (1 + f) = f - (h - s (h + r)) with h = f^2 / 2
  const h = f32x4.mul(f32x4.splat(0.5), f32x4.mul(f, f))
  const low = f32x4.sub(f32x4.mul(s, f32x4.add(h, r)), f32x4.mul(e, f32x4.splat(2.1219444e-4)))
  const y = f32x4.add(f32x4.sub(low, f32x4.sub(h, f)), f32x4.mul(e, f32x4.splat(0.693359375)))
  const infinity = f32x4.splat(Infinity as f32)
  const finite = f32x4.lt(x, infinity)
  const positive = f32x4.gt(x, f32x4.splat(0.0))
  const zero = f32x4.eq(x, f32x4.splat(0.0))
  // Infinity and NaN stay; 0 gives -infinity, what lies below NaN.
  const bounded = v128.bitselect(y, x, v128.and(finite, positive))
  const low0 = v128.bitselect(f32x4.neg(infinity), bounded, zero)
  return v128.bitselect(f32x4.splat(NaN as f32), low0, f32x4.lt(x, f32x4.splat(0.0)))
}

/** (e^2|x| - 1) / (e^2|x| + 1), with the sign of x. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const y = f32x4.pmin(f32x4.mul(f32x4.abs(x), f32x4.splat(2.0)), f32x4.splat(20.0))
  const n = f32x4.nearest(f32x4.mul(y, f32x4.splat(1.4426950408889634)))
  const power = powerOf2(i32x4.trunc_sat_f32x4_s(n))
  const t = f32x4.add(f32x4.mul(power, expLess1(reduced(y, n))), f32x4.sub(power, f32x4.splat(1.0)))
  const size = f32x4.div(t, f32x4.add(t, f32x4.splat(2.0)))
  return v128.or(size, v128.and(x, f32x4.splat(-0.0)))
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1.0), f32x4.add(f32x4.splat(1.0), exp4(f32x4.neg(x))))
}
