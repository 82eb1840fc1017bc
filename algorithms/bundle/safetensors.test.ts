import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '#env/policy.js'
import { decodeSafetensors, encodeSafetensors } from './safetensors.js'

const entries = fc.oneof(
  fc.array(fc.double()).map((values) => Float64Array.from(values)),
  fc.array(fc.float()).map((values) => Float32Array.from(values)),
  fc.array(fc.integer()).map((values) => Int32Array.from(values)),
  fc.uint8Array().map((values) => Uint8Array.from(values)),
)
const tensors = fc.dictionary(
  fc.string({ minLength: 1 }).filter((name) => !name.startsWith('__')),
  entries.map((data): Tensor => ({ shape: [data.length], data })),
)

/** A file with this header and this many bytes of data. */
function fileOf(header: string, dataLength: number, declared = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + dataLength)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(declared), true)
  bytes.set(new TextEncoder().encode(header), 8)
  return bytes
}

describe('safetensors', () => {
  it('gives back what was stored, NaN and infinities included', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (stored, metadata) => {
        fc.pre(!Object.hasOwn(metadata, '__proto__'))
        const read = decodeSafetensors(encodeSafetensors(stored, metadata))
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(stored).sort())
        for (const [name, tensor] of Object.entries(stored)) expect(read.tensors[name]).toEqual(tensor)
        expect({ ...read.metadata }).toEqual({ ...metadata })
      }),
    )
  })

  it('reads a Buffer, as files give, like any other bytes', () => {
    const stored = { q: { shape: [2], data: Float64Array.of(1, 2) }, r: { shape: [1], data: Float64Array.of(3) } }
    const bytes = encodeSafetensors(stored)
    expect(decodeSafetensors(Buffer.from(bytes)).tensors).toEqual(stored)
  })

  it('lays bytes out as the format says', () => {
    const bytes = encodeSafetensors({
      a: { shape: [3], data: Uint8Array.of(1, 2, 3) },
      q: { shape: [1, 2], data: Float64Array.of(1, -2) },
    })
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
    expect(header).toEqual({
      q: { dtype: 'F64', shape: [1, 2], data_offsets: [0, 16] },
      a: { dtype: 'U8', shape: [3], data_offsets: [16, 19] },
    })
    expect((8 + length) % 8).toBe(0)
    expect(new DataView(bytes.buffer).getFloat64(8 + length + 8, true)).toBe(-2)
    expect([...bytes.subarray(8 + length + 16)]).toEqual([1, 2, 3])
  })

  it('does not depend on the order in which tensors are given', () => {
    const a: Tensor = { shape: [1], data: Int32Array.of(1) }
    const b: Tensor = { shape: [], data: Int32Array.of(2) }
    expect(encodeSafetensors({ a, b })).toEqual(encodeSafetensors({ b, a }))
  })

  it('refuses every truncation', () => {
    const bytes = encodeSafetensors({ q: { shape: [2], data: Float64Array.of(1, 2) } }, { format: 'x' })
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'ERR_BUNDLE' }),
      )
    }
  })

  const u8 = (name: string, from: number, to: number, shape = `[${to - from}]`) =>
    `"${name}":{"dtype":"U8","shape":${shape},"data_offsets":[${from},${to}]}`
  it.each([
    ['overlap', `{${u8('a', 0, 4)},${u8('b', 2, 6)}}`, 6, /begins at byte 2, expected 4/],
    ['a gap', `{${u8('a', 0, 2)},${u8('b', 3, 6)}}`, 6, /begins at byte 3, expected 2/],
    ['bytes left over', `{${u8('a', 0, 2)}}`, 3, /take 2 bytes, the file holds 3/],
    ['offsets beyond the end', `{${u8('a', 0, 9)}}`, 3, /take 9 bytes, the file holds 3/],
    ['a shape of another size', `{${u8('a', 0, 2, '[3]')}}`, 2, /U8 \[3\] needs 3 bytes/],
    ['a negative shape', `{${u8('a', 0, 2, '[-2]')}}`, 2, /tensor "a": shape.0/],
    ['an unknown type', '{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}', 2, /tensor "a": dtype/],
    ['an unknown key', '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}', 1, /tensor "a"/],
    ['text that is no JSON', '{"a":', 0, /isn't JSON/],
    ['a list', '[]', 0, /expected an object/],
    ['numbers as metadata', '{"__metadata__":{"a":1}}', 0, /expected text in __metadata__/],
  ])('refuses %s', (_, header, dataLength, message) => {
    expect(() => decodeSafetensors(fileOf(header, dataLength))).toThrow(message)
  })

  it('refuses a header that claims more than the file, and data that does not fit its shape', () => {
    expect(() => decodeSafetensors(fileOf('{}', 0, 2 ** 40))).toThrow(/a header of 1099511627776 bytes/)
    expect(() => encodeSafetensors({ q: { shape: [3], data: Float64Array.of(1) } })).toThrow(/has 1 entries/)
    expect(() => encodeSafetensors({ __metadata__: { shape: [1], data: Float64Array.of(1) } })).toThrow(/can't name/)
  })
})
