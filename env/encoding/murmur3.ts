/**
 * MurmurHash3, x86, 32 bits (Appleby 2011, public domain), of the bytes at [start, end).
 * @returns a signed 32-bit integer
 */
export function murmur3(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  let h = seed | 0
  const blocks = start + ((end - start) & ~3)
  for (let i = start; i < blocks; i += 4) {
    const k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    h ^= scrambled(k)
    h = (h << 13) | (h >>> 19)
    h = (Math.imul(h, 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let i = end - 1; i >= blocks; i--) tail = (tail << 8) | bytes[i]!
  if (blocks < end) h ^= scrambled(tail)
  h ^= end - start
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function scrambled(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}
