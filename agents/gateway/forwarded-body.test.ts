import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChatRequest } from './chat-request.js'
import { forwardedBody } from './forwarded-body.js'

const messages = [{ role: 'user', content: 'x' }]
const forward = (json: string, askUsage = false) =>
  forwardedBody(json, parseChatRequest(json)).text('upstream "1"', askUsage)

describe('forwardedBody', () => {
  it.each([
    [
      '{"seed":9007199254740993,"model":"cadre","messages":[{"role":"user","content":"\\u00fc"}],"top_p":1.0}',
      '{"seed":9007199254740993,"model":"upstream \\"1\\"","messages":[{"role":"user","content":"\\u00fc"}],"top_p":1.0}',
    ],
    [
      ' { "messages" : [ { "role": "user", "model": "}" } ] , "mo\\u0064el" : "a,b}\\"" }\n',
      ' { "messages" : [ { "role": "user", "model": "}" } ] , "mo\\u0064el" :"upstream \\"1\\""}\n',
    ],
  ])('%#: changes the model and nothing else', (json, forwarded) => {
    expect(forward(json)).toBe(forwarded)
  })

  it('sends what was read where a key stands twice', () => {
    const twice = `{"stream":false,"model":"a","messages":${JSON.stringify(messages)},"stream":true,"model":"b"}`
    expect(forward(twice)).toBe(JSON.stringify({ model: 'upstream "1"', messages, stream: true }))
  })

  it('is the request with another model, whatever is in it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2, '\t'), (more, indent) => {
        const { stream: _, ...rest } = more
        const json = JSON.stringify({ ...rest, model: 'cadre', messages }, null, indent)
        expect(JSON.parse(forward(json))).toEqual({ ...(JSON.parse(json) as object), model: 'upstream "1"' })
      }),
    )
  })

  it.each([
    [
      '{"model":"m","messages":[],"stream":true}',
      '{"model":"X","stream_options":{"include_usage":true},"messages":[],"stream":true}',
    ],
    [
      '{"stream_options": null ,"model":"m","stream":true}',
      '{"stream_options":{"include_usage":true},"model":"X","stream":true}',
    ],
    [
      '{"stream":true,"model":"m","stream_options":{"include_usage":false,"x":[1]}}',
      '{"stream":true,"model":"X","stream_options":{"include_usage":true,"x":[1]}}',
    ],
  ])('%#: asks what a stream uses, and changes nothing else', (json, asking) => {
    const whole = json.replace('"messages":[]', '"m":[]')
    const body = forwardedBody(whole, { messages: [], ...JSON.parse(whole) })
    expect(body.canAskUsage).toBe(true)
    expect(body.text('X', true)).toBe(asking.replace('"messages":[]', '"m":[]'))
    expect(JSON.parse(body.text('X', false))).toEqual({ ...JSON.parse(whole), model: 'X' })
  })

  it('asks where a key stands twice, too', () => {
    const twice = `{"stream":true,"model":"a","messages":${JSON.stringify(messages)},"model":"b"}`
    expect(JSON.parse(forward(twice, true))).toEqual({
      model: 'upstream "1"',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it.each([
    {},
    { stream: null },
    { stream: true, stream_options: { include_usage: true } },
    { stream: true, stream_options: { include_usage: 'yes' } },
    { stream: true, stream_options: 'all' },
    { stream: true, stream_options: [] },
  ])('leaves the question to the client: %j', (more) => {
    const json = JSON.stringify({ model: 'm', messages, ...more })
    expect(forwardedBody(json, parseChatRequest(json)).canAskUsage).toBe(false)
  })
})
