import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Rng } from '#env/rng.js'
import { chatEnd } from '../testing/chat-answer.js'
import { exchange, postBytes, responsesIn } from '../testing/raw-http.js'
import { startServe, startStubProcess } from '../testing/serve-process.js'

const REQUESTS = 2000
const AT_ONCE = 25
const clientKey = 'sk-client-5f1d6e'
const upstreamKey = 'sk-upstream-a81c02'
const auth = `authorization: Bearer ${clientKey}`
const path = '/v1/chat/completions'
const good = { model: 'cadre', messages: [{ role: 'user', content: 'What?' }] }

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.integer(list.length)]!
const randomBytes = (rng: Rng, most: number) =>
  Buffer.from(Array.from({ length: 1 + rng.integer(most) }, () => rng.integer(256)))

/** Values that have no place where they are put. */
function oddValue(rng: Rng): unknown {
  const deep = () => {
    let value: unknown = 0
    for (let k = rng.integer(300); k > 0; k--) value = rng.integer(2) === 0 ? [value] : { a: value }
    return value
  }
  return pick(rng, [
    () => null,
    () => -1,
    () => 1e308,
    () => true,
    () => '',
    () => '\u0000\ud800x',
    () => 'x'.repeat(rng.integer(5000)),
    () => [],
    () => ({}),
    () => [null, [null]],
    () => ({ ['__proto__']: 1, constructor: { prototype: 1 } }),
    deep,
  ])()
}

/** A request whose JSON is fine and whose content isn't. */
function oddJson(rng: Rng): Buffer {
  const message = { role: 'user', content: 'What?', [pick(rng, ['role', 'content', 'name'])]: oddValue(rng) }
  const key = pick(rng, ['model', 'messages', 'stream', 'tools', 'n', 'temperature', 'stream_options', '__proto__'])
  const body = { ...good, messages: [pick<unknown>(rng, [message, oddValue(rng)])], [key]: oddValue(rng) }
  return postBytes(path, body, [auth])
}

/** JSON that is cut, spliced or isn't any. */
function brokenJson(rng: Rng): Buffer {
  const text = JSON.stringify(good)
  const at = rng.integer(text.length)
  const body = pick(rng, [
    () => text.slice(0, at),
    () => `${text.slice(0, at)}${pick(rng, ['"', '}', ']', ',', '\\', '\u0000', 'NaN', '1e999'])}${text.slice(at)}`,
    () => '['.repeat(1 + rng.integer(50_000)),
    () => '{"a":'.repeat(1 + rng.integer(10_000)),
    () => `${text}${text}`,
    () => '',
    () => `${clientKey}`,
  ])()
  return postBytes(path, body, [auth])
}

function badUtf8(rng: Rng): Buffer {
  const body = Buffer.concat([Buffer.from('{"model":"'), randomBytes(rng, 40), Buffer.from('"}')])
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n${auth}\r\n`
  return Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body])
}

function hugeHeaders(rng: Rng): Buffer {
  const size = 10 ** (2 + rng.integer(4))
  const headers = pick(rng, [
    () => [`x-a: ${'a'.repeat(size)}`],
    () => Array.from({ length: Math.min(3000, size) }, (_, k) => `x-${k}: ${k}`),
    () => [`authorization: Bearer ${'k'.repeat(size)}`],
    () => [`${'n'.repeat(size)}: x`],
  ])()
  return postBytes(path, good, [...headers, auth])
}

function brokenChunks(rng: Rng): Buffer {
  const text = JSON.stringify(good)
  const size = text.length.toString(16)
  const chunks = pick(rng, [
    `${size}\r\n${text}\r\n`,
    `zz\r\n${text}\r\n0\r\n\r\n`,
    `${size}\r\n${text}X\r\n0\r\n\r\n`,
    `-1\r\n${text}\r\n0\r\n\r\n`,
    `ffffffffffffffff\r\n${text}\r\n0\r\n\r\n`,
    `${size};${'e'.repeat(20_000)}\r\n${text}\r\n0\r\n\r\n`,
    `1\r\n{\r\n0\r\n\r\n`,
    '',
  ])
  const also = pick(rng, ['', `content-length: ${text.length}\r\n`, 'transfer-encoding: gzip\r\n'])
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n${auth}\r\n`
  return Buffer.from(`${head}transfer-encoding: chunked\r\n${also}\r\n${chunks}`)
}

function wrongMethod(rng: Rng): Buffer {
  const method = pick(rng, [
    'GET',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'HEAD',
    'TRACE',
    'CONNECT',
    'BREW',
    'post',
    'QUERY',
  ])
  const target = pick(rng, [
    path,
    '/',
    '*',
    '//',
    '/v1/models/%E0%A4%A',
    `/${'x'.repeat(3000)}`,
    'http://evil.example/v1/models',
    '/v1/../healthz',
    '/v1/chat/completions?a=%',
    '\\',
  ])
  const host = pick(rng, ['localhost', '', 'a b', '[::1', 'evil.example', '\u00ff', 'localhost:99999'])
  const version = pick(rng, ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', ''])
  return Buffer.from(
    `${method} ${target} ${version}\r\nhost: ${host}\r\nconnection: close\r\n${pick(rng, ['', `${auth}\r\n`])}\r\n`,
    'latin1',
  )
}

function wrongHeader(rng: Rng): Buffer {
  const odd = pick(rng, [
    'content-length: -1',
    'content-length: 99999999999999999999',
    'content-length: 5, 6',
    'content-type: text/html',
    'content-type: application/json; charset=utf-16',
    'content-encoding: gzip',
    'expect: 100-continue',
    'expect: nonsense',
    'upgrade: websocket',
    'transfer-encoding: identity',
    'authorization: Bearer wrong',
    `authorization: ${upstreamKey}`,
    'connection: keep-alive, upgrade',
    'x-\u0001: y',
    'no colon here',
    ' folded: yes',
  ])
  return postBytes(path, good, rng.integer(2) === 0 ? [odd, auth] : [auth, odd])
}

function garbage(rng: Rng): Buffer {
  return pick(rng, [
    () => randomBytes(rng, 2000),
    () => Buffer.from('\r\n'.repeat(rng.integer(2000))),
    () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    () => {
      const bytes = Buffer.from(postBytes(path, good, [auth]))
      for (let k = 1 + rng.integer(8); k > 0; k--) bytes[rng.integer(bytes.length)] = rng.integer(256)
      return bytes
    },
    () => postBytes(path, good, [auth]).subarray(0, rng.integer(300)),
  ])()
}

const kinds = [oddJson, brokenJson, badUtf8, hugeHeaders, brokenChunks, wrongMethod, wrongHeader, garbage]

describe('fuzz', () => {
  it(`${REQUESTS} malformed requests: no crash, no 500 without a cause, no key in any log`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cadre-fuzz-'))
    const stubs = [await startStubProcess('401'), await startStubProcess('ok')]
    const hash = createHash('sha256').update(clientKey).digest('hex')
    const team = `
name: fuzz
policy: { use: round-robin }
deadlineMs: 5000
agents:
  - { name: sulky, endpoint: '${stubs[0]!.endpoint}', apiKey: { env: SULKY_KEY }, timeoutMs: 2000 }
  - { name: good, endpoint: '${stubs[1]!.endpoint}', apiKey: { env: SULKY_KEY }, timeoutMs: 2000 }
keys: [{ name: fuzzer, sha256: ${hash} }]
limits: { bodyBytes: 100000, requestTimeoutMs: 400 }
`
    const gateway = await startServe(folder, team, { SULKY_KEY: upstreamKey })
    const port = Number(new URL(gateway.url).port)
    const rng = new Rng('fuzz')
    const requests = Array.from({ length: REQUESTS }, () => pick(rng, kinds)(rng))
    const counts: Record<string, number> = {}
    const failed: string[] = []
    const serve = async (): Promise<void> => {
      for (let bytes = requests.pop(); bytes !== undefined; bytes = requests.pop()) {
        const answer = await exchange(port, bytes, 4000)
        // Bodies of HEAD are left out; after such a request nothing else comes.
        const head = bytes.subarray(0, 5).toString('latin1') === 'HEAD '
        const responses = head ? [] : responsesIn(dropContinue(answer.bytes))
        counts[head ? 'HEAD' : responses.map(({ status }) => status).join() || 'closed'] ??= 0
        counts[head ? 'HEAD' : responses.map(({ status }) => status).join() || 'closed']!++
        for (const response of responses) {
          const fine = response.status === 200 && !response.body.includes('"choices"')
          try {
            if (!fine) chatEnd(response)
          } catch (error) {
            const sent = JSON.stringify(bytes.toString('latin1').slice(0, 400))
            throw new Error(`${sent} was answered with ${JSON.stringify(response)}: ${(error as Error).message}`)
          }
          if (response.status === 500) failed.push(response.headers['x-cadre-request-id'] ?? 'a 500 without an id')
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, serve))
    process.stderr.write(`${REQUESTS} malformed requests: ${JSON.stringify(counts)}\n`)

    const last = responsesIn((await exchange(port, postBytes(path, good, [auth]), 5000)).bytes)
    expect(last.map(chatEnd)).toEqual(['whole'])
    const { code, stdout, stderr } = await gateway.stop()
    expect(code).toBe(0)
    for (const id of failed) expect(stderr).toContain(id)
    const decisions = readFileSync(join(folder, 'decisions.jsonl'), 'utf8')
    expect(gateway.decisions().length).toBeGreaterThan(50)
    for (const key of [clientKey, upstreamKey]) expect(`${stdout}${stderr}${decisions}`).not.toContain(key)
    expect(stdout.split('\n')).toHaveLength(2)
    for (const stub of stubs) stub.close()
    rmSync(folder, { recursive: true })
  }, 120_000)
})

/** Interim responses aren't answers. */
function dropContinue(bytes: Buffer): Buffer {
  const interim = 'HTTP/1.1 100 Continue\r\n\r\n'
  return bytes.subarray(0, interim.length).toString('latin1') === interim ? bytes.subarray(interim.length) : bytes
}
