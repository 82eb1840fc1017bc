import { SpaceError } from './errors.js'
import type { Rng } from './rng.js'

/** One action or symbol out of `n`, numbered from 0. `labels` name them for people. */
export interface Discrete {
  readonly kind: 'discrete'
  readonly n: number
  readonly labels?: readonly string[]
}

/** Several choices at once, each out of `sizes[h]` actions of its own and with a mask of its own: an agent with several heads. */
export interface MultiDiscrete {
  readonly kind: 'multi-discrete'
  readonly sizes: readonly number[]
}

/** Real numbers with bounds; `size` numbers, each within [low, high]. */
export interface Box {
  readonly kind: 'box'
  readonly size: number
  readonly low: number
  readonly high: number
}

export type Space = Discrete | MultiDiscrete | Box

/** What an agent may choose from: a finite set. Continuous actions are refused when an environment is made. */
export type ActionSpace = Discrete | MultiDiscrete

/** @throws SpaceError when `n` isn't a positive integer or the labels don't match it */
export function discrete(n: number, labels?: readonly string[]): Discrete {
  if (!Number.isInteger(n) || n < 1) throw new SpaceError(`discrete: expected a positive integer size, got ${n}`)
  if (labels !== undefined && labels.length !== n) {
    throw new SpaceError(`discrete: ${labels.length} labels for ${n} values; give one label a value`)
  }
  return labels === undefined ? { kind: 'discrete', n } : { kind: 'discrete', n, labels }
}

/** @throws SpaceError when a size isn't a positive integer */
export function multiDiscrete(sizes: readonly number[]): MultiDiscrete {
  if (sizes.length === 0 || sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new SpaceError(`multiDiscrete: expected positive integer sizes, got [${sizes.join(', ')}]`)
  }
  return { kind: 'multi-discrete', sizes }
}

/** @throws SpaceError when the size is negative or low > high */
export function box(size: number, low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY): Box {
  if (!Number.isInteger(size) || size < 0) throw new SpaceError(`box: expected a size of 0 or more, got ${size}`)
  if (!(low <= high)) throw new SpaceError(`box: low ${low} lies above high ${high}`)
  return { kind: 'box', size, low, high }
}

/** How many actions each head chooses from: one head, unless the space is multi-discrete. @throws SpaceError for a box */
export function headSizes(space: Space): readonly number[] {
  if (space.kind === 'discrete') return [space.n]
  if (space.kind === 'multi-discrete') return space.sizes
  throw new SpaceError('actions must be discrete or multi-discrete, got a box; discretise the action space')
}

/**
 * A uniform draw among the legal actions; two passes over the mask, one draw.
 * @param mask - u8, 1 = legal; the entries [offset, offset + n) are read
 * @returns the action, or -1 when none is legal
 */
export function sampleMasked(mask: Uint8Array, offset: number, n: number, rng: Rng): number {
  let legal = 0
  for (let a = 0; a < n; a++) legal += mask[offset + a]!
  if (legal === 0) return -1
  let pick = rng.integer(legal)
  for (let a = 0; a < n; a++) {
    if (mask[offset + a] === 1 && pick-- === 0) return a
  }
  return -1
}

/** Whether an agent acts: some action among the `n` mask entries from `offset` on is legal. */
export function isActing(mask: Uint8Array, offset: number, n: number): boolean {
  for (let a = 0; a < n; a++) if (mask[offset + a] === 1) return true
  return false
}

/** Whether a value lies in a space: an index for a discrete one, an array of numbers for the others. */
export function contains(space: Space, value: number | ArrayLike<number>): boolean {
  if (space.kind === 'discrete') return typeof value === 'number' && isIndex(value, space.n)
  if (typeof value === 'number') return false
  if (space.kind === 'multi-discrete') {
    return value.length === space.sizes.length && space.sizes.every((size, h) => isIndex(value[h]!, size))
  }
  return value.length === space.size && Array.from(value).every((x) => x >= space.low && x <= space.high)
}

function isIndex(value: number, size: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < size
}
