import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventParser } from './event-parser.js'

const stream = 'data: {"a":"ü"}\n\n: comment\r\n\r\nevent: x\ndata: 1\ndata:2\n\nid: 7\n\ndata\n\n'
const events = [
  { text: 'data: {"a":"ü"}', data: '{"a":"ü"}', type: 'message' },
  { text: ': comment', data: null, type: 'message' },
  { text: 'event: x\ndata: 1\ndata:2', data: '1\n2', type: 'x' },
  { text: 'id: 7', data: null, type: 'message' },
  { text: 'data', data: '', type: 'message' },
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

describe('line ends', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)

  it.each(['\n\n', '\r\r', '\r\n\r\n', '\n\r\n', '\r\n\n', '\n\r', '\r\n\r'])('of any kind end an event: %j', (end) => {
    const whole = `data: 1${end}data: 2${end}`
    const expected = ['1', '2']
    expect(new EventParser(100).push(bytes(whole)).map(({ data }) => data)).toEqual(expected)
    // Wherever the bytes are cut.
    for (let cut = 1; cut < whole.length; cut++) {
      const parser = new EventParser(100)
      const events = [...parser.push(bytes(whole.slice(0, cut))), ...parser.push(bytes(whole.slice(cut)))]
      expect(events.map(({ text }) => text)).toEqual(['data: 1', 'data: 2'])
      expect(parser.torn).toBe(false)
    }
  })

  it('are one where a return and a newline belong together', () => {
    const [event] = new EventParser(100).push(bytes('event: a\r\ndata: 1\r\ndata: 2\r\n\r\n'))
    expect([event!.data, event!.type]).toEqual(['1\n2', 'a'])
  })
})
