import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatchSchemas } from '#agents/dispatch/dispatch-lines.js'
import type { TeamStatus } from '#agents/gateway/team-status.js'
import { readLog } from '#agents/log/read-log.js'
import { replayDispatch } from '../replay/replay-dispatch.js'
import { startCli } from '../testing/compiled-cli.js'
import { startServe, startStubProcess } from '../testing/serve-process.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-reload-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Two agents who differ in their price alone. */
const team = (endpoint: string, policy: string, prices: readonly [number, number], more = '') => `name: t
policy: { use: ${policy} }
dispatch:
  tickMs: 10
  environment:
    types: [{ name: any, value: 10, arrival: 0.2, loss: 1 }]
    agents:
${prices
  .map(
    (price, i) =>
      `      - { name: ${'ab'[i]}, capacity: 2, skill: [0.8], price: ${price}, service: 0.9, fail: 0, repair: 1 }`,
  )
  .join('\n')}
agents: [{ name: a, endpoint: '${endpoint}' }, { name: b, endpoint: '${endpoint}' }]
${more}`

describe.each(['optimal', 'margin-minus-delay'])('a team led by %s whose file is read again', (policy) => {
  it('goes on by its new numbers, and by the old ones where the file is wrong', async () => {
    const stub = await startStubProcess('ok')
    const place = mkdtempSync(join(folder, 'team-'))
    const gateway = await startServe(place, team(stub.endpoint, policy, [1, 2]))
    const file = join(place, 'team.yaml')
    const status = async () => ((await (await fetch(`${gateway.url}/team`)).json()) as TeamStatus).dispatch!
    const until = async (isSo: () => boolean | Promise<boolean>) => {
      const limit = performance.now() + 30_000
      while (!(await isSo())) {
        if (performance.now() > limit) throw new Error(`it never came to be so: ${isSo}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const answeredBy = async () => {
      const response = await fetch(`${gateway.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'cadre', messages: [{ role: 'user', content: 'What?' }] }),
      })
      expect(response.status).toBe(200)
      await response.text()
      return response.headers.get('x-cadre-agent')
    }
    const log = () => readFileSync(join(place, 'decisions.jsonl'), 'utf8')
    const settings = () => log().split('"kind":"settings"').length - 1
    await until(async () => (await status()).utility.predictedPerTick !== null)
    const predicted = (await status()).utility.predictedPerTick!
    expect(await answeredBy()).toBe('a')

    // Dearer by 4, where it is asked; the other is as it was.
    writeFileSync(file, team(stub.endpoint, policy, [5, 2]))
    gateway.child.kill('SIGHUP')
    await until(() => settings() === 1)
    await until(async () => (await status()).utility.predictedPerTick !== null)
    expect((await status()).utility.predictedPerTick!).toBeLessThan(predicted)
    expect(await answeredBy()).toBe('b')

    for (const wrong of [
      team(stub.endpoint, policy, [0, 9], 'nonsense: 1'),
      team(stub.endpoint, policy, [0, 9]).replace('tickMs: 10', 'tickMs: 10\n  otherType: none'),
      team(stub.endpoint, policy, [0, 9]).replaceAll('capacity: 2', 'capacity: 3'),
    ]) {
      writeFileSync(file, wrong)
      gateway.child.kill('SIGHUP')
      // The next good file is read after it.
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(settings()).toBe(1)
      expect(await answeredBy()).toBe('b')
    }
    const { code, stderr } = await gateway.stop()
    expect(code).toBe(0)
    expect(stderr.match(/the team file was read again and is not taken; the old settings go on/g)).toHaveLength(3)
    expect(stderr).toMatch(/expected rules of the same team/)
    const [run] = replayDispatch(readLog(log(), dispatchSchemas))
    expect(run).toMatchObject({ difference: null, agrees: true })
    stub.close()
  }, 120_000)
})

it('says who dispatches and who the agents are, who are no models to be asked for', async () => {
  const place = mkdtempSync(join(folder, 'team-'))
  const file = join(place, 'team.yaml')
  writeFileSync(file, team('http://127.0.0.1:9/v1', 'optimal', [1, 2]))
  const { child, ended } = startCli(['serve', file, '--port', '0'])
  let printed = ''
  for await (const part of child.stdout!) {
    printed += String(part)
    if (!printed.includes('Ctrl-C stops')) continue
    child.kill('SIGTERM')
    break
  }
  expect(printed).toMatch(/\nmodel: cadre \(optimal dispatches\)\nagents: a, b\nstatus: /)
  // 4 values of the inbox, and 6 of each agent.
  expect((await ended).stderr).toContain('"msg":"solving the optimum of 144 states"')
}, 60_000)
