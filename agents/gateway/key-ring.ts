import { createHash, timingSafeEqual } from 'node:crypto'

/** Who may call: bearer keys known by their hashes only. */
export class KeyRing {
  readonly #keys: readonly { readonly name: string; readonly hash: Buffer }[]

  /** @param keys - sha256 as 64 hex digits */
  constructor(keys: readonly { readonly name: string; readonly sha256: string }[]) {
    this.#keys = keys.map(({ name, sha256 }) => ({ name, hash: Buffer.from(sha256, 'hex') }))
  }

  /** Whether there is nobody to tell apart: everyone who reaches the port may call. */
  get open(): boolean {
    return this.#keys.length === 0
  }

  /** The name of the key in an Authorization header, or null. Takes the same time whichever key comes, or none. */
  nameOf(authorization: string | undefined): string | null {
    const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? ''
    const hash = createHash('sha256').update(key).digest()
    let found: string | null = null
    for (const known of this.#keys) if (timingSafeEqual(known.hash, hash)) found = known.name
    return key === '' ? null : found
  }
}
