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
  let left = word(command, 8)
  const b1 = f32x4.splat(floatWord(command, 9))
  const d1 = f32x4.splat(floatWord(command, 10))
  const b2 = f32x4.splat(floatWord(command, 11))
  const d2 = f32x4.splat(floatWord(command, 12))
  const epsilon = f32x4.splat(floatWord(command, 13))
  const keep = f32x4.splat(rate * floatWord(command, 14))
  while (left > 0) {
    const some = min(left, 4)
    const all = some == 4
    const gradient = f32x4.mul(all ? v128.load(g) : loadSome(g, some), scale)
    const m = f32x4.add(f32x4.mul(b1, all ? v128.load(first) : loadSome(first, some)), f32x4.mul(d1, gradient))
    const v = f32x4.add(
      f32x4.mul(b2, all ? v128.load(second) : loadSome(second, some)),
      f32x4.mul(d2, f32x4.mul(gradient, gradient)),
    )
    const before = all ? v128.load(x) : loadSome(x, some)
    const step = f32x4.div(f32x4.mul(pace, m), f32x4.add(f32x4.sqrt(f32x4.mul(v, spread)), epsilon))
    const after = f32x4.sub(before, f32x4.add(step, f32x4.mul(keep, before)))
    if (all) {
      v128.store(first, m)
      v128.store(second, v)
      v128.store(x, after)
    } else {
      storeSome(first, m, some)
      storeSome(second, v, some)
      storeSome(x, after, some)
    }
    x += 16
    first += 16
    second += 16
    g += 16
    left -= 4
  }
}
