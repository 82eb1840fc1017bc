import { blockK, zerosAt } from '../opcodes'
import { loadSome, storeSome, word } from './lanes'

/**
 * c = floor(a b + bias): products of matrices, a batch of them. Each number of c is the bias plus its products in the order of K, one after
 * the other, whatever way it is computed: a tile of 4 x 8 numbers in registers, a single row, or what is left at the edges.
 * Words: c, a, b, bias (0: none), M, N, K, whether a and b stand turned, batch, floor (f32: what the result is raised to), room for b packed.
 */
export function matmul(command: usize): void {
  let c: usize = word(command, 0)
  let a: usize = word(command, 1)
  let b: usize = word(command, 2)
  const bias: usize = word(command, 3)
  const M = word(command, 4)
  const N = word(command, 5)
  const K = word(command, 6)
  const turnedA = word(command, 7)
  const turnedB = word(command, 8)
  const batch = word(command, 9)
  const floor = v128.load_splat<u32>(command + 48)
  const packed: usize = word(command, 11)
  for (let one = 0; one < batch; one++) {
    for (let k = 0; k < K; k += blockK) {
      const depth = min(K - k, blockK)
      const from = b + ((turnedB ? k : k * N) << 2)
      const block = a + ((turnedA ? k * M : k) << 2)
      const last = k + depth == K
      // Nothing lies below -infinity.
      const lowest = last ? floor : f32x4.splat(-Infinity as f32)
      const direct = !turnedB && (N & 7) == 0 && M < 4
      if (!direct) pack(packed, from, N, K, depth, turnedB)
      const panelStep: usize = direct ? 32 : <usize>depth << 5
      const rowStep: usize = direct ? <usize>(N << 2) : 32
      product(c, block, direct ? from : packed, bias, M, N, K, depth, turnedA, k > 0, lowest, panelStep, rowStep)
    }
    c += (M * N) << 2
    a += (M * K) << 2
    b += (K * N) << 2
  }
}

/** b by panels of 8 columns, each a row of 8 after the other; columns that don't exist are 0. */
function pack(to: usize, b: usize, N: i32, K: i32, depth: i32, turned: i32): void {
  const rowBytes: usize = turned ? K << 2 : N << 2
  for (let column = 0; column < N; column += 8) {
    const count = min(N - column, 8)
    if (!turned) {
      let from = b + (column << 2)
      if (count == 8) {
        for (let k = 0; k < depth; k++) {
          v128.store(to, v128.load(from))
          v128.store(to, v128.load(from, 16), 16)
          from += rowBytes
          to += 32
        }
      } else {
        for (let k = 0; k < depth; k++) {
          if (count >= 4) {
            v128.store(to, v128.load(from))
            v128.store(to, count > 4 ? loadSome(from + 16, count - 4) : f32x4.splat(0.0), 16)
          } else {
            v128.store(to, loadSome(from, count))
            v128.store(to, f32x4.splat(0.0), 16)
          }
          from += rowBytes
          to += 32
        }
      }
    } else {
      packHalf(to, b + <usize>column * rowBytes, rowBytes, depth, min(count, 4))
      packHalf(to + 16, b + <usize>(column + 4) * rowBytes, rowBytes, depth, count - 4)
      to += <usize>depth << 5
    }
  }
}

/** Up to 4 rows of b as columns. */
function packHalf(to: usize, b: usize, rowBytes: usize, depth: i32, count: i32): void {
  const b1 = b + rowBytes
  const b2 = b1 + rowBytes
  const b3 = b2 + rowBytes
  let k = 0
  if (count == 4) {
    for (; k + 4 <= depth; k += 4) {
      const at: usize = k << 2
      const r0 = v128.load(b + at)
      const r1 = v128.load(b1 + at)
      const r2 = v128.load(b2 + at)
      const r3 = v128.load(b3 + at)
      const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5)
      const high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7)
      const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5)
      const high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7)
      v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2))
      v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 32)
      v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 64)
      v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 96)
      to += 128
    }
  }
  for (; k < depth; k++) {
    const at: usize = k << 2
    store<f32>(to, count > 0 ? load<f32>(b + at) : 0)
    store<f32>(to, count > 1 ? load<f32>(b1 + at) : 0, 4)
    store<f32>(to, count > 2 ? load<f32>(b2 + at) : 0, 8)
    store<f32>(to, count > 3 ? load<f32>(b3 + at) : 0, 12)
    to += 32
  }
}

function product(
  c: usize,
  a: usize,
  b: usize,
  bias: usize,
  M: i32,
  N: i32,
  K: i32,
  depth: i32,
  turnedA: i32,
  goesOn: bool,
  floor: v128,
  panelStep: usize,
  rowStep: usize,
): void {
  const cBytes: usize = N << 2
  const aBytes: usize = turnedA ? M << 2 : K << 2
  let m = 0
  for (; m + 4 <= M; m += 4) {
    const rows = c + <usize>m * cBytes
    const from = a + (turnedA ? <usize>(m << 2) : <usize>m * aBytes)
    let panel = b
    for (let n = 0; n < N; n += 8) {
      const to = rows + (n << 2)
      // What the sums start from: what they were, the bias, or nothing.
      const start = goesOn ? to : bias ? bias + (n << 2) : zerosAt
      const startStep = goesOn ? cBytes : 0
      if (turnedA) tile(true, to, cBytes, from, aBytes, panel, depth, start, startStep, floor, N - n)
      else tile(false, to, cBytes, from, aBytes, panel, depth, start, startStep, floor, N - n)
      panel += panelStep
    }
  }
  for (; m < M; m++) {
    const rows = c + <usize>m * cBytes
    const from = a + (turnedA ? <usize>(m << 2) : <usize>m * aBytes)
    const aStep: usize = turnedA ? aBytes : 4
    let panel = b
    let n = 0
    for (; n + 32 <= N; n += 32) {
      const to = rows + (n << 2)
      const start = goesOn ? to : bias ? bias + (n << 2) : zerosAt
      row32(to, from, aStep, panel, panelStep, rowStep, depth, start, floor)
      panel += panelStep << 2
    }
    for (; n < N; n += 8) {
      const to = rows + (n << 2)
      const start = goesOn ? to : bias ? bias + (n << 2) : zerosAt
      row8(to, from, aStep, panel, rowStep, depth, start, floor, N - n)
      panel += panelStep
    }
  }
}

// @ts-ignore: decorator
@inline
function tile(
  turned: bool,
  c: usize,
  cBytes: usize,
  a: usize,
  aBytes: usize,
  b: usize,
  depth: i32,
  start: usize,
  startStep: usize,
  floor: v128,
  columns: i32,
): void {
  let c00 = v128.load(start)
  let c01 = v128.load(start, 16)
  start += startStep
  let c10 = v128.load(start)
  let c11 = v128.load(start, 16)
  start += startStep
  let c20 = v128.load(start)
  let c21 = v128.load(start, 16)
  start += startStep
  let c30 = v128.load(start)
  let c31 = v128.load(start, 16)
  const end = b + (<usize>depth << 5)
  if (turned) {
    while (b < end) {
      const b0 = v128.load(b)
      const b1 = v128.load(b, 16)
      let s = v128.load_splat<u32>(a)
      c00 = f32x4.add(c00, f32x4.mul(s, b0))
      c01 = f32x4.add(c01, f32x4.mul(s, b1))
      s = v128.load_splat<u32>(a, 4)
      c10 = f32x4.add(c10, f32x4.mul(s, b0))
      c11 = f32x4.add(c11, f32x4.mul(s, b1))
      s = v128.load_splat<u32>(a, 8)
      c20 = f32x4.add(c20, f32x4.mul(s, b0))
      c21 = f32x4.add(c21, f32x4.mul(s, b1))
      s = v128.load_splat<u32>(a, 12)
      c30 = f32x4.add(c30, f32x4.mul(s, b0))
      c31 = f32x4.add(c31, f32x4.mul(s, b1))
      a += aBytes
      b += 32
    }
  } else {
    let a1 = a + aBytes
    let a2 = a1 + aBytes
    let a3 = a2 + aBytes
    while (b < end) {
      const b0 = v128.load(b)
      const b1 = v128.load(b, 16)
      let s = v128.load_splat<u32>(a)
      c00 = f32x4.add(c00, f32x4.mul(s, b0))
      c01 = f32x4.add(c01, f32x4.mul(s, b1))
      s = v128.load_splat<u32>(a1)
      c10 = f32x4.add(c10, f32x4.mul(s, b0))
      c11 = f32x4.add(c11, f32x4.mul(s, b1))
      s = v128.load_splat<u32>(a2)
      c20 = f32x4.add(c20, f32x4.mul(s, b0))
      c21 = f32x4.add(c21, f32x4.mul(s, b1))
      s = v128.load_splat<u32>(a3)
      c30 = f32x4.add(c30, f32x4.mul(s, b0))
      c31 = f32x4.add(c31, f32x4.mul(s, b1))
      a += 4
      a1 += 4
      a2 += 4
      a3 += 4
      b += 32
    }
  }
  c00 = f32x4.pmax(c00, floor)
  c01 = f32x4.pmax(c01, floor)
  c10 = f32x4.pmax(c10, floor)
  c11 = f32x4.pmax(c11, floor)
  c20 = f32x4.pmax(c20, floor)
  c21 = f32x4.pmax(c21, floor)
  c30 = f32x4.pmax(c30, floor)
  c31 = f32x4.pmax(c31, floor)
  if (columns >= 8) {
    v128.store(c, c00)
    v128.store(c, c01, 16)
    c += cBytes
    v128.store(c, c10)
    v128.store(c, c11, 16)
    c += cBytes
    v128.store(c, c20)
    v128.store(c, c21, 16)
    c += cBytes
    v128.store(c, c30)
    v128.store(c, c31, 16)
  } else {
    storeRow(c, c00, c01, columns)
    c += cBytes
    storeRow(c, c10, c11, columns)
    c += cBytes
    storeRow(c, c20, c21, columns)
    c += cBytes
    storeRow(c, c30, c31, columns)
  }
}

function storeRow(to: usize, low: v128, high: v128, columns: i32): void {
  if (columns < 4) storeSome(to, low, columns)
  else {
    v128.store(to, low)
    if (columns >= 8) v128.store(to, high, 16)
    else if (columns > 4) storeSome(to + 16, high, columns - 4)
  }
}

/** One row of 32 columns: eight sums side by side. */
function row32(
  c: usize,
  a: usize,
  aStep: usize,
  b: usize,
  panelStep: usize,
  rowStep: usize,
  depth: i32,
  start: usize,
  floor: v128,
): void {
  // Without a start there are zeros for 8 columns only.
  const next: usize = start == zerosAt ? 0 : 32
  let c0 = v128.load(start)
  let c1 = v128.load(start, 16)
  start += next
  let c2 = v128.load(start)
  let c3 = v128.load(start, 16)
  start += next
  let c4 = v128.load(start)
  let c5 = v128.load(start, 16)
  start += next
  let c6 = v128.load(start)
  let c7 = v128.load(start, 16)
  let b1 = b + panelStep
  let b2 = b1 + panelStep
  let b3 = b2 + panelStep
  for (let k = 0; k < depth; k++) {
    const s = v128.load_splat<u32>(a)
    c0 = f32x4.add(c0, f32x4.mul(s, v128.load(b)))
    c1 = f32x4.add(c1, f32x4.mul(s, v128.load(b, 16)))
    c2 = f32x4.add(c2, f32x4.mul(s, v128.load(b1)))
    c3 = f32x4.add(c3, f32x4.mul(s, v128.load(b1, 16)))
    c4 = f32x4.add(c4, f32x4.mul(s, v128.load(b2)))
    c5 = f32x4.add(c5, f32x4.mul(s, v128.load(b2, 16)))
    c6 = f32x4.add(c6, f32x4.mul(s, v128.load(b3)))
    c7 = f32x4.add(c7, f32x4.mul(s, v128.load(b3, 16)))
    a += aStep
    b += rowStep
    b1 += rowStep
    b2 += rowStep
    b3 += rowStep
  }
  v128.store(c, f32x4.pmax(c0, floor))
  v128.store(c, f32x4.pmax(c1, floor), 16)
  v128.store(c, f32x4.pmax(c2, floor), 32)
  v128.store(c, f32x4.pmax(c3, floor), 48)
  v128.store(c, f32x4.pmax(c4, floor), 64)
  v128.store(c, f32x4.pmax(c5, floor), 80)
  v128.store(c, f32x4.pmax(c6, floor), 96)
  v128.store(c, f32x4.pmax(c7, floor), 112)
}

function row8(
  c: usize,
  a: usize,
  aStep: usize,
  b: usize,
  rowStep: usize,
  depth: i32,
  start: usize,
  floor: v128,
  columns: i32,
): void {
  let c0 = v128.load(start)
  let c1 = v128.load(start, 16)
  for (let k = 0; k < depth; k++) {
    const s = v128.load_splat<u32>(a)
    c0 = f32x4.add(c0, f32x4.mul(s, v128.load(b)))
    c1 = f32x4.add(c1, f32x4.mul(s, v128.load(b, 16)))
    a += aStep
    b += rowStep
  }
  storeRow(c, f32x4.pmax(c0, floor), f32x4.pmax(c1, floor), columns)
}
