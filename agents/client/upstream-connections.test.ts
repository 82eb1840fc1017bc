import { createServer, request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listenInTest } from '../testing/listen-in-test.js'
import { type StubEndpoint, startStub } from '../testing/stub-endpoint.mjs'
import { ask, makeTeam, startGateway } from '../testing/test-gateway.js'
import { noProxies, readProxies } from './upstream-connections.js'

const read = (env: Record<string, string>) => readProxies((name) => env[name])

describe('readProxies', () => {
  it.each([
    [{}, noProxies],
    [
      { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'https://q:2' },
      { http: 'http://p:1/', https: 'https://q:2/', except: '' },
    ],
    [
      { http_proxy: 'http://low:1', HTTP_PROXY: 'http://up:1' },
      { ...noProxies, http: 'http://low:1/' },
    ],
    [{ http_proxy: '', HTTP_PROXY: 'http://up:1' }, noProxies],
    [{ https_proxy: 'proxy:3128' }, { ...noProxies, https: 'http://proxy:3128/' }],
    [{ NO_PROXY: ' a.example, .b.example  c:80 ' }, { ...noProxies, except: 'a.example,.b.example,c:80' }],
    [{ no_proxy: 'a, *' }, { ...noProxies, except: '*' }],
  ])('%j', (env, proxies) => {
    expect(read(env as Record<string, string>)).toEqual({ proxies, problems: [] })
  })

  it.each(['socks5://p:1', 'http://', '://', 'http://p:1/path'])(
    'names the variable of %s, and shows no password',
    (value) => {
      const { proxies, problems } = read({ HTTPS_PROXY: value.replace('//', '//me:hunter2@') })
      expect(proxies.https).toBeNull()
      expect(problems).toEqual([
        {
          variable: 'HTTPS_PROXY',
          message: 'the environment variable HTTPS_PROXY names no proxy; expected http://HOST:PORT, or unset it',
        },
      ])
    },
  )
})

interface Proxy {
  readonly url: string
  /** What it was asked for, and by whom. */
  readonly asked: string[]
  readonly connections: () => number
}

/** A proxy that takes every host for this machine. @param tunnel - what it says to those who ask for one; default: it hangs up */
async function startProxy(tunnel?: string): Promise<Proxy> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((incoming, outgoing) => {
    const { port, pathname } = new URL(incoming.url!)
    const { 'proxy-authorization': authorization, ...headers } = incoming.headers
    asked.push(`${incoming.method} ${incoming.url} ${authorization ?? '-'}`)
    const onward = httpRequest(
      { host: '127.0.0.1', port, path: pathname, method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outgoing)
      },
    )
    incoming.pipe(onward)
  })
  server.on('connect', (incoming, socket: Socket) => {
    asked.push(`CONNECT ${incoming.url}`)
    socket.end(tunnel ?? '')
  })
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    sockets.add(socket)
  })
  const url = await listenInTest(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return {
    url,
    asked,
    connections: () => connections,
  }
}

/** A gateway in front of a stub that only a proxy finds under its name. */
async function behind(proxies: Parameters<typeof startGateway>[1], host: (stub: StubEndpoint) => string) {
  const stub = await startStub()
  const endpoint = `http://${host(stub)}/v1`
  const test = await startGateway(
    makeTeam([{ name: 'a', endpoint, timeoutMs: 10_000 }], { deadlineMs: 20_000 }),
    proxies,
  )
  onTestFinished(() => stub.close())
  onTestFinished(() => test.gateway.stop())
  return { ...test, stub }
}

describe('calls to endpoints', () => {
  it('go through the proxy, whole answers and streams, over connections that stay open', async () => {
    const proxy = await startProxy()
    const http = proxy.url.replace('//', '//me:secret@')
    const { post, stub } = await behind({ proxies: { ...noProxies, http } }, ({ port }) => `agent.invalid:${port}`)
    expect((await post(ask('What?'))).status).toBe(200)
    expect(await (await post(ask('What?', { stream: true }))).text()).toMatch(/\[DONE\]/)
    const asked = `POST http://agent.invalid:${stub.port}/v1/chat/completions Basic ${btoa('me:secret')}`
    expect(proxy.asked).toEqual([asked, asked])
    expect(stub.headers.host).toEqual([`agent.invalid:${stub.port}`])
    expect(stub.headers['proxy-authorization']).toBeUndefined()
    expect(proxy.connections()).toBe(1)
  })

  it.each([
    ['hangs up', /no tunnel through the proxy: other side closed/, undefined],
    ['refuses', /Proxy response \(403\)/, 'HTTP/1.1 403 Forbidden\r\n\r\n'],
  ])('with https ask for a tunnel, once where the proxy %s', async (_, detail, refusal) => {
    const proxy = await startProxy(refusal)
    const team = makeTeam([{ name: 'a', endpoint: 'https://agent.invalid:9/v1', timeoutMs: 10_000 }], {
      deadlineMs: 20_000,
    })
    const { post, gateway, sink } = await startGateway(team, { proxies: { ...noProxies, https: proxy.url } })
    onTestFinished(() => gateway.stop())
    expect((await post(ask('What?'))).status).toBe(503)
    expect((await sink.last(1)).attempts).toMatchObject([
      { outcome: 'connection', detail: expect.stringMatching(detail) },
    ])
    expect(proxy.asked).toEqual(['CONNECT agent.invalid:9'])
  })

  it('go without it to an endpoint on this machine', async () => {
    const proxy = await startProxy()
    const proxies = { http: proxy.url, https: proxy.url, except: '' }
    const { post } = await behind({ proxies }, ({ port }) => `127.0.0.1:${port}`)
    expect((await post(ask('What?'))).status).toBe(200)
    expect(proxy.asked).toEqual([])
  })

  it('go without it to hosts of NO_PROXY that are elsewhere', async () => {
    const proxy = await startProxy()
    const proxies = { ...noProxies, http: proxy.url, except: '.invalid' }
    const { post } = await behind({ proxies }, ({ port }) => `agent.invalid:${port}`)
    // Nobody else knows that host.
    expect((await post(ask('What?'))).status).toBe(503)
    expect(proxy.asked).toEqual([])
  })
})
