/** Loading and storing what is left of a row after its groups of four: 1 to 3 numbers. Lanes without one hold 0. */

// @ts-ignore: decorator
@inline
export function loadSome(at: usize, count: i32): v128 {
  if (count == 1) return v128.load_zero<u32>(at)
  const two = v128.load_zero<u64>(at)
  return count == 2 ? two : v128.load_lane<u32>(at, two, 2, 8)
}

// @ts-ignore: decorator
@inline
export function storeSome(at: usize, v: v128, count: i32): void {
  if (count == 1) {
    v128.store_lane<u32>(at, v, 0)
  } else {
    v128.store_lane<u64>(at, v, 0)
    if (count == 3) v128.store_lane<u32>(at, v, 2, 8)
  }
}

/** The four sums in a fixed order: (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  const half = f32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return f32x4.extract_lane(half, 0) + f32x4.extract_lane(half, 1)
}

/** A word of a command, counted behind its head. */
// @ts-ignore: decorator
@inline
export function word(command: usize, k: i32): i32 {
  return load<i32>(command + ((k + 2) << 2))
}

// @ts-ignore: decorator
@inline
export function floatWord(command: usize, k: i32): f32 {
  return load<f32>(command + ((k + 2) << 2))
}
