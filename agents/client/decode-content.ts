import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { AgentFailure } from './agent-failure.js'

const decoders: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/**
 * A body as it was before its encoding: some endpoints compress whether asked to or not.
 * @param encoding - the header `content-encoding`
 * @throws AgentFailure (garbage) for an encoding that isn't known
 */
export function decoded(body: Readable, encoding: string | readonly string[] | undefined): AsyncIterable<Uint8Array> {
  const names = String(encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  return names.reduceRight<Readable>((coded, name) => {
    const make = decoders.get(name)
    if (make === undefined) {
      body.destroy()
      throw new AgentFailure('garbage', `an answer in the encoding ${JSON.stringify(name.slice(0, 40))}`, {
        status: 200,
      })
    }
    return pipeline(coded, make(), () => undefined)
  }, body) as AsyncIterable<Uint8Array>
}
