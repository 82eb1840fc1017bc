import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startServe, startStubProcess } from '../testing/serve-process.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-serve-reader-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a gateway', () => {
  it.each(['stderr', 'stdout', 'both'])(
    'answers on when nobody reads its %s any more, and ends well',
    { timeout: 60_000 },
    async (which) => {
      const own = mkdtempSync(join(folder, which))
      const [broken, slow] = [await startStubProcess('500'), await startStubProcess('slow')]
      // Each request makes a warning: two agents, one of which fails.
      const team = [
        'name: unread',
        'policy: { use: round-robin }',
        'agents:',
        `  - { name: broken, endpoint: '${broken.endpoint}', retries: 0, breaker: { failures: 1000 } }`,
        `  - { name: slow, endpoint: '${slow.endpoint}' }`,
      ]
      const gateway = await startServe(own, team.join('\n'))
      const ask = async (stream: boolean) => {
        const headers = { 'content-type': 'application/json' }
        const body = JSON.stringify({ model: 'cadre', stream, messages: [{ role: 'user', content: 'What?' }] })
        const response = await fetch(`${gateway.url}/chat/completions`, { method: 'POST', headers, body })
        return [response.status, await response.text()]
      }
      const running = [ask(false), ask(true)]
      if (which !== 'stdout') gateway.child.stderr!.destroy()
      if (which !== 'stderr') gateway.child.stdout!.destroy()
      for (const answer of await Promise.all([...running, ask(true), ask(false)])) {
        expect(answer).toEqual([200, expect.stringMatching(/Hello from the stub|chat\.completion\.chunk/)])
      }
      const { code, signal } = await gateway.stop()
      expect([code, signal]).toEqual([0, null])
      expect(gateway.decisions()).toHaveLength(4)
      for (const stub of [broken, slow]) stub.close()
    },
  )
})
