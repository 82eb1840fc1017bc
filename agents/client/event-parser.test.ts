import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventParser } from './event-parser.js'

const stream = 'data: {"a":"ü"}\n\n: comment\r\n\r\nevent: x\ndata: 1\ndata:2\n\nid: 7\n\ndata\n\n'
const events = [
  { text: 'data: {"a":"ü"}', data: '{"a":"ü"}' },
  { text: ': comment', data: null },
  { text: 'event: x\ndata: 1\ndata:2', data: '1\n2' },
  { text: 'id: 7', data: null },
  { text: 'data', data: '' },
]

describe('EventParser', () => {
  it('gives the same events however the bytes are cut', () => {
    const bytes = Buffer.from(stream)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const parser = new EventParser(1000)
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const found = places.slice(1).flatMap((end, i) => parser.push(bytes.subarray(places[i], end)))
        expect(found).toEqual(events)
        expect(parser.torn).toBe(false)
      }),
    )
  })

  it('knows a torn event, refuses a long one and what is not UTF-8', () => {
    const parser = new EventParser(10)
    expect(parser.push(Buffer.from('data: 1'))).toEqual([])
    expect(parser.torn).toBe(true)
    expect(() => parser.push(Buffer.from('2345'))).toThrowError(RangeError)
    expect(() => new EventParser(10).push(Buffer.of(0xff))).toThrowError(TypeError)
  })
})
