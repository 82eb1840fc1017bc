import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runCli, startCli } from '../testing/compiled-cli.js'
import { startServe } from '../testing/serve-process.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-simulate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const profile = (text: string) => {
  const file = join(folder, 'profile.yaml')
  writeFileSync(file, text)
  return file
}

describe('cadre simulate', () => {
  it('prints the agents of a team file that can be served', { timeout: 60_000 }, async () => {
    const file = profile('tickMs: 5\ntypes: [A, B]\nagents: [{ name: cheap, skill: [1, 0] }, { name: the expert }]\n')
    const { child, ended } = startCli(['simulate', file, '--port', '0'])
    let printed = ''
    child.stdout!.setEncoding('utf8')
    while (!printed.includes('Ctrl-C')) printed += ((await once(child.stdout!, 'data')) as [string])[0]
    const { agents } = parse(printed) as { agents: { name: string; endpoint: string }[] }
    expect(agents.map(({ name }) => name)).toEqual(['cheap', 'the expert'])
    const more = 'name: t\npolicy: { use: always, agent: cheap }\nforwardHeaders: [x-cadre-type]\n'
    const gateway = await startServe(folder, more + printed)
    const response = await fetch(`${gateway.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cadre-type': 'B' },
      body: JSON.stringify({ model: 'cadre', messages: [{ role: 'user', content: 'What?' }] }),
    })
    expect(await response.text()).toContain('cheap gives a bad answer to query 1, type B')
    expect((await gateway.stop()).code).toBe(0)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  it.each([
    ['agents: [{ name: a, servise: 1 }]\n', /profile\.yaml:1:\d+: .*servise.*did you mean "service"/],
    ['agents: []\n', /profile\.yaml:1:1: agents: expected a list of at least 1/],
    ['types: [A, B]\nagents: [{ name: a, skill: [1] }]\n', /profile\.yaml:2:21: .*expected 2 skills/],
  ])('%#: says what is wrong with a profile, and where', { timeout: 30_000 }, async (text, message) => {
    const { code, stderr } = await runCli(['simulate', profile(text)])
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  })
})
