import { describe, expect, it } from 'vitest'
import { teamSchema } from '../team/team-schema.js'
import { ask, startStubbed } from '../testing/test-gateway.js'
import { forwardedHeaders } from './forwarded-headers.js'

const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const came = (headers: Record<string, string[]>) => Object.assign(Object.create(null), headers)

describe('forwardedHeaders', () => {
  it.each([
    [{ traceparent: [trace], tracestate: ['a=1', 'b=2'] }, ['traceparent', trace, 'tracestate', 'a=1, b=2']],
    [{ traceparent: [trace] }, ['traceparent', trace]],
    [{ traceparent: [`cc${trace.slice(2)}-more`] }, ['traceparent', `cc${trace.slice(2)}-more`]],
    [{ tracestate: ['a=1'] }, []],
    [{ traceparent: [trace, trace], tracestate: ['a=1'] }, []],
    [{ traceparent: [`${trace}-more`] }, []],
    [{ traceparent: [trace.toUpperCase()] }, []],
    [{ traceparent: [`ff${trace.slice(2)}`] }, []],
    [{ traceparent: [trace.replace(/-[0-9a-f]{32}-/, `-${'0'.repeat(32)}-`)] }, []],
    [{ traceparent: [trace.replace(/-[0-9a-f]{16}-/, `-${'0'.repeat(16)}-`)] }, []],
    [{ authorization: ['Bearer k'], cookie: ['c'] }, []],
  ])('%j', (headers, forwarded) => {
    expect(forwardedHeaders(came(headers as Record<string, string[]>), [])).toEqual(forwarded)
  })

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('%s is a name like another', (name) => {
    const lower = name.toLowerCase()
    expect(forwardedHeaders(came({}), [lower])).toEqual([])
    expect(forwardedHeaders({} as never, [lower])).toEqual([])
    const headers = Object.create(null) as Record<string, string[]>
    headers[lower] = ['x', 'y']
    expect(forwardedHeaders(headers, [lower])).toEqual([lower, 'x, y'])
  })
})

describe('a team', () => {
  const problem = (header: string) =>
    teamSchema
      .safeParse({
        name: 't',
        policy: { use: 'random' },
        agents: [{ name: 'a', endpoint: 'http://127.0.0.1:1/v1' }],
        forwardHeaders: ['x-request-id', header],
      })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

  it.each([
    ['Authorization', /^forwardHeaders\.1: authorization is the caller's own and is never passed on; leave it out/],
    ['cookie', /never passed on/],
    ['x-api-key', /never passed on/],
    ['Host', /^forwardHeaders\.1: host is about one connection or body/],
    ['transfer-encoding', /one connection or body/],
    ['Connection', /one connection or body/],
    ['te', /one connection or body/],
    ['content-length', /one connection or body/],
    ['X-Cadre-Hops', /one connection or body/],
    ['x request id', /^forwardHeaders\.1: expected the name of a header, such as x-request-id, got "x request id"/],
    ['x:\r\ny', /expected the name of a header/],
    ['', /expected the name of a header/],
  ])('may not pass on %s', (header, message) => {
    expect(problem(header)).toEqual([expect.stringMatching(message)])
  })

  it('passes on where the request stands in a trace, the headers that it names, and no others', async () => {
    const { post, stubs } = await startStubbed(['ok'], { forwardHeaders: ['X-Request-Id', 'constructor'] })
    const response = await post(ask('What?'), {
      traceparent: trace,
      tracestate: 'a=1',
      'x-request-id': 'r-1',
      constructor: 'p',
      'x-other': 'o',
      authorization: 'Bearer mine',
      cookie: 'c=1',
    })
    expect(response.status).toBe(200)
    const { host, connection, 'content-length': length, ...rest } = stubs[0]!.headers
    expect(Object.entries(rest)).toEqual([
      ['content-type', ['application/json']],
      ['user-agent', ['cadre']],
      ['accept-encoding', ['identity']],
      ['traceparent', [trace]],
      ['tracestate', ['a=1']],
      ['x-request-id', ['r-1']],
      ['constructor', ['p']],
      ['x-cadre-hops', [expect.stringMatching(/^[\w-]{36}$/)]],
    ])
  })
})
