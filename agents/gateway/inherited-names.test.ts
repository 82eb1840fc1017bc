import { describe, expect, it, onTestFinished } from 'vitest'
import { type StubEndpoint, startStub } from '../testing/stub-endpoint.mjs'
import { ask, makeTeam, startGateway } from '../testing/test-gateway.js'

/** Names that every object answers to. */
const inherited = ['constructor', '__proto__', 'toString', 'hasOwnProperty']

async function teamOf(names: readonly string[], apiKeys: Record<string, string> = {}) {
  const stubs: StubEndpoint[] = []
  for (const _ of names) stubs.push(await startStub())
  const agents = names.map((name, i) => ({ name, endpoint: stubs[i]!.endpoint, timeoutMs: 10_000 }))
  const test = await startGateway(makeTeam(agents, { deadlineMs: 20_000 }), { apiKeys })
  for (const stub of stubs) onTestFinished(() => stub.close())
  onTestFinished(() => test.gateway.stop())
  return { ...test, stubs }
}

describe.each(inherited)('%s', (name) => {
  it('is no model, where no agent has that name', async () => {
    const { post, url } = await teamOf(['a'])
    const response = await post(ask('What?', { model: name }))
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('model_not_found')])
    expect((await fetch(`${url}/models/${name}`)).status).toBe(404)
  })

  it('is an agent like another, and has no key unless one is given', async () => {
    const { post, stubs, sink, url } = await teamOf([name, 'other'], {})
    const response = await post(ask('What?', { model: name }))
    expect([response.status, response.headers.get('x-cadre-agent')]).toEqual([200, name])
    expect([stubs[0]!.last?.model, stubs[0]!.authorization]).toEqual([name, null])
    const record = await sink.last(1)
    expect([record.choice, record.model, record.actions]).toEqual([name, name, [name, 'other']])
    expect(((await (await fetch(`${url}/models/${name}`)).json()) as { id: string }).id).toBe(name)
  })

  it('is an agent that gets its own key', async () => {
    const keys: Record<string, string> = Object.create(null)
    keys[name] = 'sk-own'
    const { post, stubs } = await teamOf([name], keys)
    await post(ask('What?'))
    expect(stubs[0]!.authorization).toBe('Bearer sk-own')
  })

  it('is a field of a request like another, and a header that changes nothing', async () => {
    const { post, stubs } = await teamOf(['a'])
    const body = JSON.stringify(ask('What?')).replace('{', `{"${name}":{"stream":true,"model":"x"},`)
    // A header's name is in lower case on its way.
    const response = await post(body, name === '__proto__' ? {} : { [name]: 'x' })
    expect(response.status).toBe(200)
    expect(stubs[0]!.text).toBe(body.replace('"cadre"', '"a"'))
    expect(Object.keys(stubs[0]!.headers)).not.toContain(name.toLowerCase())
  })
})
