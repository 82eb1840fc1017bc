/**
 * A piece of the kernels' memory. In the arena it lives for some steps of a run and each seed uses it in turn; `seeds` have a copy each, that
 * stays; `shared` holds what is the same for all.
 */
export interface Storage {
  readonly bytes: number
  place: 'arena' | 'seeds' | 'shared'
  /** An address; in the arena counted from its start; of seed 0. */
  at: number
  /** The last step that uses it. */
  last: number
}

/** Words of a command are numbers, or places whose address differs from seed to seed. */
export interface Place {
  readonly storage: Storage
  readonly offset: number
}
export type Word = number | Place

export function placeIn(storage: Storage, offset = 0): Place {
  return { storage, offset }
}

/** A place so many bytes behind another. */
export function behind({ storage, offset }: Place, bytes: number): Place {
  return { storage, offset: offset + bytes }
}

export function addressOf({ storage, offset }: Place, seed: number, arena: number): number {
  const { place, at, bytes } = storage
  if (place === 'arena') return arena + at + offset
  return at + offset + (place === 'seeds' ? seed * bytes : 0)
}

const numbers = new Float32Array(1)
const bits = new Int32Array(numbers.buffer)

/** The word that holds a number of f32. */
export function float(value: number): number {
  numbers[0] = value
  return bits[0]!
}
