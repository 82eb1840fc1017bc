import { blockK, zerosAt } from '../opcodes'
import { loadSome, storeSome, word } from './lanes'

/**
 * c = floor(a b + bias): products of matrices, a batch of them. Each number of c is the bias plus its products in the order of K, one after
 * the other, whatever way it is computed: a tile in registers, a single row, or what is left at the edges.
 * Words: c, a, b, bias (0: none), M, N, K, whether a and b stand turned, batch, floor (f32: what the result is raised to), room for b packed.
 *
 * Tiles have 2 x 16 numbers, or 4 x 8 at the right edge: V8 holds all that a round of the loop loads and the eight sums in its 15 registers,
 * and no more; a loop over several k at a time, or a larger tile, goes through the stack and is slower.
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
  // With a row or two, packing costs more than it gives.
  const direct = !turnedB && (N & 7) == 0 && M < 3
  for (let one = 0; one < batch; one++) {
    for (let k = 0; k < K; k += blockK) {
      const depth = min(K - k, blockK)
      const from = b + ((turnedB ? k : k * N) << 2)
      const block = a + ((turnedA ? k * M : k) << 2)
      // Nothing lies below -infinity.
      const lowest = k + depth == K ? floor : f32x4.splat(-Infinity as f32)
      if (!direct) pack(packed, from, N, K, depth, turnedB)
      product(c, block, direct ? from : packed, bias, M, N, K, depth, turnedA, k > 0, lowest, direct)
    }
    c += (M * N) << 2
    a += (M * K) << 2
    b += (K * N) << 2
  }
}

/** Columns in panels of 16: all but up to 8 at the end, which have a panel of 8. */
function wideColumns(N: i32): i32 {
  const rest = N & 15
  return rest > 8 ? N - rest + 16 : N - rest
}

/** b by panels of 16 or 8 columns, each a row after the other; columns that don't exist are 0. */
function pack(to: usize, b: usize, N: i32, K: i32, depth: i32, turned: i32): void {
  const wide = wideColumns(N)
  const rowBytes: usize = turned ? K << 2 : N << 2
  for (let column = 0; column < N; column += 16) {
    const width = column < wide ? 16 : 8
    const step: usize = width << 2
    if (!turned && width == 16 && column + 16 <= N) {
      let from = b + (column << 2)
      let at = to
      for (let k = 0; k < depth; k++) {
        v128.store(at, v128.load(from))
        v128.store(at, v128.load(from, 16), 16)
        v128.store(at, v128.load(from, 32), 32)
        v128.store(at, v128.load(from, 48), 48)
        from += rowBytes
        at += 64
      }
    } else {
      for (let group = 0; group < width; group += 4) {
        const count = max(min(N - column - group, 4), 0)
        const at = to + (group << 2)
        if (turned) packTurned(at, step, b + <usize>(column + group) * rowBytes, rowBytes, depth, count)
        else packGroup(at, step, b + ((column + group) << 2), rowBytes, depth, count)
      }
    }
    to += <usize>depth * step
  }
}

/** Up to 4 columns of b. */
function packGroup(to: usize, step: usize, b: usize, rowBytes: usize, depth: i32, count: i32): void {
  for (let k = 0; k < depth; k++) {
    v128.store(to, count == 4 ? v128.load(b) : count == 0 ? f32x4.splat(0.0) : loadSome(b, count))
    b += rowBytes
    to += step
  }
}

/** Up to 4 rows of b as columns. */
function packTurned(to: usize, step: usize, b: usize, rowBytes: usize, depth: i32, count: i32): void {
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
      to += step
      v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3))
      to += step
      v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2))
      to += step
      v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3))
      to += step
    }
  }
  for (; k < depth; k++) {
    const at: usize = k << 2
    store<f32>(to, count > 0 ? load<f32>(b + at) : 0)
    store<f32>(to, count > 1 ? load<f32>(b1 + at) : 0, 4)
    store<f32>(to, count > 2 ? load<f32>(b2 + at) : 0, 8)
    store<f32>(to, count > 3 ? load<f32>(b3 + at) : 0, 12)
    to += step
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
  direct: bool,
): void {
  const cBytes: usize = N << 2
  const aBytes: usize = turnedA ? M << 2 : K << 2
  const aRow: usize = turnedA ? 4 : aBytes
  const aStep: usize = turnedA ? aBytes : 4
  const wide = wideColumns(N)
  const panelStep: usize = direct ? 64 : <usize>depth << 6
  const rowStep: usize = direct ? cBytes : 64
  // What the sums start from: what they were, the bias, or nothing.
  const startStep = goesOn ? cBytes : 0
  const first = goesOn ? c : bias ? bias : zerosAt
  const moves = goesOn || bias != 0
  let m = 0
  if (!direct) {
    for (; m + 2 <= M; m += 2) {
      const from = a + <usize>m * aRow
      const start = first + <usize>m * startStep
      const rows = c + <usize>m * cBytes
      let panel = b
      for (let n = 0; n < wide; n += 16) {
        const at = moves ? start + (n << 2) : start
        if (turnedA) tile2x16(true, rows + (n << 2), cBytes, from, aBytes, panel, depth, at, startStep, floor, N - n)
        else tile2x16(false, rows + (n << 2), cBytes, from, aBytes, panel, depth, at, startStep, floor, N - n)
        panel += panelStep
      }
    }
  }
  for (; m < M; m++) {
    const from = a + <usize>m * aRow
    const start = first + <usize>m * startStep
    const rows = c + <usize>m * cBytes
    let panel = b
    let n = 0
    for (; n + 32 <= N; n += 32) {
      row32(rows + (n << 2), from, aStep, panel, panelStep, rowStep, depth, moves ? start + (n << 2) : start, moves, floor)
      panel += panelStep << 1
    }
    for (; n < wide; n += 16) {
      row16(rows + (n << 2), from, aStep, panel, rowStep, depth, moves ? start + (n << 2) : start, floor, N - n)
      panel += panelStep
    }
  }
  if (wide >= N) return
  const columns = N - wide
  const panel = b + (direct ? <usize>(wide << 2) : <usize>(wide * depth) << 2)
  const narrowStep: usize = direct ? cBytes : 32
  const to = c + (wide << 2)
  const begin = moves ? first + (wide << 2) : first
  m = 0
  if (!direct) {
    for (; m + 4 <= M; m += 4) {
      const from = a + <usize>m * aRow
      const at = begin + <usize>m * startStep
      if (turnedA) tile4x8(true, to + <usize>m * cBytes, cBytes, from, aBytes, panel, depth, at, startStep, floor, columns)
      else tile4x8(false, to + <usize>m * cBytes, cBytes, from, aBytes, panel, depth, at, startStep, floor, columns)
    }
  }
  for (; m < M; m++) {
    const from = a + <usize>m * aRow
    row8(to + <usize>m * cBytes, from, aStep, panel, narrowStep, depth, begin + <usize>m * startStep, floor, columns)
  }
}

// @ts-ignore: decorator
@inline
function tile2x16(
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
  let c02 = v128.load(start, 32)
  let c03 = v128.load(start, 48)
  start += startStep
  let c10 = v128.load(start)
  let c11 = v128.load(start, 16)
  let c12 = v128.load(start, 32)
  let c13 = v128.load(start, 48)
  const end = b + (<usize>depth << 6)
  if (turned) {
    while (b < end) {
      const b0 = v128.load(b)
      const b1 = v128.load(b, 16)
      const b2 = v128.load(b, 32)
      const b3 = v128.load(b, 48)
      const s0 = v128.load_splat<u32>(a)
      const s1 = v128.load_splat<u32>(a, 4)
      c00 = f32x4.add(c00, f32x4.mul(s0, b0))
      c01 = f32x4.add(c01, f32x4.mul(s0, b1))
      c02 = f32x4.add(c02, f32x4.mul(s0, b2))
      c03 = f32x4.add(c03, f32x4.mul(s0, b3))
      c10 = f32x4.add(c10, f32x4.mul(s1, b0))
      c11 = f32x4.add(c11, f32x4.mul(s1, b1))
      c12 = f32x4.add(c12, f32x4.mul(s1, b2))
      c13 = f32x4.add(c13, f32x4.mul(s1, b3))
      a += aBytes
      b += 64
    }
  } else {
    let a1 = a + aBytes
    while (b < end) {
      const b0 = v128.load(b)
      const b1 = v128.load(b, 16)
      const b2 = v128.load(b, 32)
      const b3 = v128.load(b, 48)
      const s0 = v128.load_splat<u32>(a)
      const s1 = v128.load_splat<u32>(a1)
      c00 = f32x4.add(c00, f32x4.mul(s0, b0))
      c01 = f32x4.add(c01, f32x4.mul(s0, b1))
      c02 = f32x4.add(c02, f32x4.mul(s0, b2))
      c03 = f32x4.add(c03, f32x4.mul(s0, b3))
      c10 = f32x4.add(c10, f32x4.mul(s1, b0))
      c11 = f32x4.add(c11, f32x4.mul(s1, b1))
      c12 = f32x4.add(c12, f32x4.mul(s1, b2))
      c13 = f32x4.add(c13, f32x4.mul(s1, b3))
      a += 4
      a1 += 4
      b += 64
    }
  }
  if (columns >= 16) {
    v128.store(c, f32x4.pmax(c00, floor))
    v128.store(c, f32x4.pmax(c01, floor), 16)
    v128.store(c, f32x4.pmax(c02, floor), 32)
    v128.store(c, f32x4.pmax(c03, floor), 48)
    c += cBytes
    v128.store(c, f32x4.pmax(c10, floor))
    v128.store(c, f32x4.pmax(c11, floor), 16)
    v128.store(c, f32x4.pmax(c12, floor), 32)
    v128.store(c, f32x4.pmax(c13, floor), 48)
  } else {
    storeColumns(c, f32x4.pmax(c00, floor), columns)
    storeColumns(c + 16, f32x4.pmax(c01, floor), columns - 4)
    storeColumns(c + 32, f32x4.pmax(c02, floor), columns - 8)
    storeColumns(c + 48, f32x4.pmax(c03, floor), columns - 12)
    c += cBytes
    storeColumns(c, f32x4.pmax(c10, floor), columns)
    storeColumns(c + 16, f32x4.pmax(c11, floor), columns - 4)
    storeColumns(c + 32, f32x4.pmax(c12, floor), columns - 8)
    storeColumns(c + 48, f32x4.pmax(c13, floor), columns - 12)
  }
}

// @ts-ignore: decorator
@inline
function tile4x8(
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
      const s0 = v128.load_splat<u32>(a)
      const s1 = v128.load_splat<u32>(a, 4)
      const s2 = v128.load_splat<u32>(a, 8)
      const s3 = v128.load_splat<u32>(a, 12)
      c00 = f32x4.add(c00, f32x4.mul(s0, b0))
      c01 = f32x4.add(c01, f32x4.mul(s0, b1))
      c10 = f32x4.add(c10, f32x4.mul(s1, b0))
      c11 = f32x4.add(c11, f32x4.mul(s1, b1))
      c20 = f32x4.add(c20, f32x4.mul(s2, b0))
      c21 = f32x4.add(c21, f32x4.mul(s2, b1))
      c30 = f32x4.add(c30, f32x4.mul(s3, b0))
      c31 = f32x4.add(c31, f32x4.mul(s3, b1))
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
      const s0 = v128.load_splat<u32>(a)
      const s1 = v128.load_splat<u32>(a1)
      const s2 = v128.load_splat<u32>(a2)
      const s3 = v128.load_splat<u32>(a3)
      c00 = f32x4.add(c00, f32x4.mul(s0, b0))
      c01 = f32x4.add(c01, f32x4.mul(s0, b1))
      c10 = f32x4.add(c10, f32x4.mul(s1, b0))
      c11 = f32x4.add(c11, f32x4.mul(s1, b1))
      c20 = f32x4.add(c20, f32x4.mul(s2, b0))
      c21 = f32x4.add(c21, f32x4.mul(s2, b1))
      c30 = f32x4.add(c30, f32x4.mul(s3, b0))
      c31 = f32x4.add(c31, f32x4.mul(s3, b1))
      a += 4
      a1 += 4
      a2 += 4
      a3 += 4
      b += 32
    }
  }
  if (columns >= 8) {
    v128.store(c, f32x4.pmax(c00, floor))
    v128.store(c, f32x4.pmax(c01, floor), 16)
    c += cBytes
    v128.store(c, f32x4.pmax(c10, floor))
    v128.store(c, f32x4.pmax(c11, floor), 16)
    c += cBytes
    v128.store(c, f32x4.pmax(c20, floor))
    v128.store(c, f32x4.pmax(c21, floor), 16)
    c += cBytes
    v128.store(c, f32x4.pmax(c30, floor))
    v128.store(c, f32x4.pmax(c31, floor), 16)
  } else {
    storeColumns(c, f32x4.pmax(c00, floor), columns)
    storeColumns(c + 16, f32x4.pmax(c01, floor), columns - 4)
    c += cBytes
    storeColumns(c, f32x4.pmax(c10, floor), columns)
    storeColumns(c + 16, f32x4.pmax(c11, floor), columns - 4)
    c += cBytes
    storeColumns(c, f32x4.pmax(c20, floor), columns)
    storeColumns(c + 16, f32x4.pmax(c21, floor), columns - 4)
    c += cBytes
    storeColumns(c, f32x4.pmax(c30, floor), columns)
    storeColumns(c + 16, f32x4.pmax(c31, floor), columns - 4)
  }
}

/** As many of four columns as there are. */
function storeColumns(to: usize, v: v128, columns: i32): void {
  if (columns >= 4) v128.store(to, v)
  else if (columns > 0) storeSome(to, v, columns)
}

/** One row of two panels: eight sums side by side. */
function row32(
  c: usize,
  a: usize,
  aStep: usize,
  b: usize,
  panelStep: usize,
  rowStep: usize,
  depth: i32,
  start: usize,
  moves: bool,
  floor: v128,
): void {
  let c0 = v128.load(start)
  let c1 = v128.load(start, 16)
  let c2 = v128.load(start, 32)
  let c3 = v128.load(start, 48)
  if (moves) start += 64
  let c4 = v128.load(start)
  let c5 = v128.load(start, 16)
  let c6 = v128.load(start, 32)
  let c7 = v128.load(start, 48)
  let b1 = b + panelStep
  for (let k = 0; k < depth; k++) {
    const s = v128.load_splat<u32>(a)
    c0 = f32x4.add(c0, f32x4.mul(s, v128.load(b)))
    c1 = f32x4.add(c1, f32x4.mul(s, v128.load(b, 16)))
    c2 = f32x4.add(c2, f32x4.mul(s, v128.load(b, 32)))
    c3 = f32x4.add(c3, f32x4.mul(s, v128.load(b, 48)))
    c4 = f32x4.add(c4, f32x4.mul(s, v128.load(b1)))
    c5 = f32x4.add(c5, f32x4.mul(s, v128.load(b1, 16)))
    c6 = f32x4.add(c6, f32x4.mul(s, v128.load(b1, 32)))
    c7 = f32x4.add(c7, f32x4.mul(s, v128.load(b1, 48)))
    a += aStep
    b += rowStep
    b1 += rowStep
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

function row16(
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
  let c2 = v128.load(start, 32)
  let c3 = v128.load(start, 48)
  for (let k = 0; k < depth; k++) {
    const s = v128.load_splat<u32>(a)
    c0 = f32x4.add(c0, f32x4.mul(s, v128.load(b)))
    c1 = f32x4.add(c1, f32x4.mul(s, v128.load(b, 16)))
    c2 = f32x4.add(c2, f32x4.mul(s, v128.load(b, 32)))
    c3 = f32x4.add(c3, f32x4.mul(s, v128.load(b, 48)))
    a += aStep
    b += rowStep
  }
  storeColumns(c, f32x4.pmax(c0, floor), columns)
  storeColumns(c + 16, f32x4.pmax(c1, floor), columns - 4)
  storeColumns(c + 32, f32x4.pmax(c2, floor), columns - 8)
  storeColumns(c + 48, f32x4.pmax(c3, floor), columns - 12)
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
  storeColumns(c, f32x4.pmax(c0, floor), columns)
  storeColumns(c + 16, f32x4.pmax(c1, floor), columns - 4)
}
