import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import type { TeamStatus } from '#agents/gateway/team-status.js'
import { sleep } from '#agents/testing/sleep.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { solveTeam } from '../serve/dispatch-optimum.js'
import { startServe } from '../testing/serve-process.js'
import { startSimulate } from '../testing/simulate-process.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-seats-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const discount = 0.97

it('a team led by its optimum gets a new one when an agent leaves or joins, and runs on meanwhile', {
  timeout: 90_000,
}, async () => {
  const names = ['agent-0', 'agent-1', 'agent-2']
  const simulated = await startSimulate(folder, {
    tickMs: 20,
    types: ['A', 'B'],
    agents: names.map((name) => ({ name })),
  })
  onTestFinished(() => simulated.stop())
  const team = {
    name: 'seats',
    policy: { use: 'optimal' },
    dispatch: { tickMs: 20, discount, openSeats: true },
    agents: simulated.agents.map((agent) => ({ ...agent, timeoutMs: 2000 })),
  }
  const served = await startServe(folder, JSON.stringify(team))
  onTestFinished(() => void served.child.kill('SIGKILL'))
  const status = async () => (await (await fetch(`${served.url}/team`)).json()) as TeamStatus
  let said = ''
  served.child.stderr!.on('data', (text: string) => {
    said += text
  })
  /** Waits until it has been solved so often, and has taken over. */
  const untilSolved = async (times: number) => {
    while (said.split('led by its new optimum').length <= times) {
      expect((await status()).dispatch!.solving).not.toMatch(/failed/)
      await sleep(20)
    }
    return status()
  }
  const ask = async () => {
    const response = await fetch(`${served.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cadre-type': 'A' },
      body: JSON.stringify({ model: 'cadre', messages: [{ role: 'user', content: 'A?' }] }),
    })
    await response.text()
    return response
  }
  const before = await status()
  const left = await fetch(`${served.url}/team/agents/agent-0`, { method: 'DELETE' })
  expect(left.status).toBe(202)
  const after = await untilSolved(1)
  expect(after.dispatch!.tick).toBeGreaterThan(before.dispatch!.tick)
  expect(after.dispatch!.seats[0]).toEqual({ seat: 'agent-0', agent: null })
  // Whoever asks while all that goes on is answered by one of the others, or told that nobody took the query in time.
  const answers = await Promise.all([ask(), ask()])
  for (const { status, headers } of answers) {
    expect([200, 503]).toContain(status)
    expect(headers.get('x-cadre-agent')).not.toBe('agent-0')
  }
  const joined = await fetch(`${served.url}/team/agents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...simulated.agents[0], timeoutMs: 2000 }),
  })
  expect(joined.status).toBe(201)
  await untilSolved(2)
  const { code, stderr } = await served.stop()
  expect(code).toBe(0)
  const told = stderr.split('\n').flatMap((line) => {
    if (!line.includes('led by its new optimum')) return []
    return JSON.parse(line) as { agents: string[]; iterations: number }
  })
  expect(told.map(({ agents }) => agents)).toEqual([['agent-1', 'agent-2'], names])
  // From what was known, and not from nothing: whoever comes back is known already.
  const config = { ...routingDispatchConfig.parse({}), limitSteps: null, tickMs: 20 }
  for (const { agents, iterations } of told) {
    const present = names.map((name) => agents.includes(name))
    expect(iterations).toBeLessThan(solveTeam({ config, present, discount }).iterations)
  }
  expect(told[1]!.iterations).toBe(1)
})
