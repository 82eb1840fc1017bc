import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChatRequest } from './chat-request.js'
import { forwardedBody } from './forwarded-body.js'

const messages = [{ role: 'user', content: 'x' }]
const forward = (json: string) => forwardedBody(json, parseChatRequest(json))('upstream "1"')

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
})
