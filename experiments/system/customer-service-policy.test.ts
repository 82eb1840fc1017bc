import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { customerService } from '../answering/make-customer-service.js'
import { runCli } from '../testing/compiled-cli.js'
import { startServe } from '../testing/serve-process.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-led-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A team file may name it in place of the optimum. */
const bundle = join(customerService, 'policy')

describe('the trained policy of the customer service', () => {
  it('is worth at least .99 of the exact optimum', async () => {
    const settings = join(customerService, 'instance.yaml')
    const argv = ['solve', 'routing-pipeline', '--gamma', '1', '--settings', settings, '--compare', bundle, '--json']
    const { start, comparisons } = JSON.parse((await runCli(argv)).stdout) as {
      start: number
      comparisons: { start: number }[]
    }
    expect(start).toBeCloseTo(7.2697, 4)
    expect(comparisons[0]!.start).toBeGreaterThan(0.99 * start)
    expect(comparisons[0]!.start).toBeLessThanOrEqual(start + 1e-9)
  })

  it('leads the team where its file names it', async () => {
    cpSync(customerService, folder, { recursive: true })
    const team = readFileSync(join(folder, 'team.yaml'), 'utf8')
    expect(team).toContain('policy: { use: optimal }')
    const gateway = await startServe(folder, team.replace('policy: { use: optimal }', 'policy: ./policy'))
    try {
      const { sha256 } = JSON.parse(readFileSync(join(bundle, 'policy.json'), 'utf8')) as { sha256: string }
      expect(gateway.printed.policy).toMatchObject({ name: 'q-learning', sha256 })
      const response = await fetch(`${gateway.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: gateway.printed.model,
          messages: [{ role: 'user', content: 'where is my order A-1001' }],
        }),
      })
      expect(response.headers.get('x-cadre-end')).toBe('answer')
      const { choices } = (await response.json()) as { choices: { message: { content: string } }[] }
      expect(choices[0]!.message.content).toContain('being packed')
      const led = gateway.log().records.filter(({ kind }) => kind === 'decision')
      expect(led.length).toBeGreaterThan(3)
      for (const { fields } of led) expect(fields).toMatchObject({ by: 'q-learning', policy: { sha256 } })
    } finally {
      expect((await gateway.stop()).code).toBe(0)
    }
  })
})
