import { floatWord, loadSome, storeSome, word } from './lanes'

/**
 * A step of Adam on a parameter, in one pass. Words: parameter, first and second moment, gradient, addresses of scale, rate, 1 - b1^t and
 * 1 - b2^t, count, then b1, 1 - b1, b2, 1 - b2, epsilon and decay.
 */
export function adam(command: usize): void {
  let x: usize = word(command, 0)
  let first: usize = word(command, 1)
  let second: usize = word(command, 2)
  let g: usize = word(command, 3)
  const scale = v128.load_splat<u32>(word(command, 4))
  const rate = load<f32>(word(command, 5))
  const pace = f32x4.splat(rate / load<f32>(word(command, 6)))
  const spread = f32x4.splat(<f32>1.0 / load<f32>(word(command, 7)))
  const count = word(command, 8)
  const b1 = f32x4.splat(floatWord(command, 9))
  const d1 = f32x4.splat(floatWord(command, 10))
  const b2 = f32x4.splat(floatWord(command, 11))
  const d2 = f32x4.splat(floatWord(command, 12))
  const epsilon = f32x4.splat(floatWord(command, 13))
  const keep = f32x4.splat(rate * floatWord(command, 14))
  const end = x + ((count & ~3) << 2)
  while (x < end) {
    const gradient = f32x4.mul(v128.load(g), scale)
    const m = f32x4.add(f32x4.mul(b1, v128.load(first)), f32x4.mul(d1, gradient))
    const v = f32x4.add(f32x4.mul(b2, v128.load(second)), f32x4.mul(d2, f32x4.mul(gradient, gradient)))
    v128.store(first, m)
    v128.store(second, v)
    v128.store(x, moved(v128.load(x), m, v, pace, spread, epsilon, keep))
    x += 16
    first += 16
    second += 16
    g += 16
  }
  const rest = count & 3
  if (rest == 0) return
  const gradient = f32x4.mul(loadSome(g, rest), scale)
  const m = f32x4.add(f32x4.mul(b1, loadSome(first, rest)), f32x4.mul(d1, gradient))
  const v = f32x4.add(f32x4.mul(b2, loadSome(second, rest)), f32x4.mul(d2, f32x4.mul(gradient, gradient)))
  storeSome(first, m, rest)
  storeSome(second, v, rest)
  storeSome(x, moved(loadSome(x, rest), m, v, pace, spread, epsilon, keep), rest)
}

// @ts-ignore: decorator
@inline
function moved(x: v128, m: v128, v: v128, pace: v128, spread: v128, epsilon: v128, keep: v128): v128 {
  const step = f32x4.div(f32x4.mul(pace, m), f32x4.add(f32x4.sqrt(f32x4.mul(v, spread)), epsilon))
  return f32x4.sub(x, f32x4.add(step, f32x4.mul(keep, x)))
}
