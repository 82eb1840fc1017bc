import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { dispatchSchemas } from '#agents/dispatch/dispatch-lines.js'
import { readLog } from '#agents/log/read-log.js'
import { loadTeam } from './load-team.js'
import { lineLogger, serve } from './serve.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-serve-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** One agent, whom nobody asks. */
const team = (price: number) => `name: t
policy: { use: margin-minus-delay }
dispatch:
  tickMs: 10
  environment:
    types: [{ name: any, value: 10, arrival: 0.2, loss: 1 }]
    agents: [{ name: a, capacity: 2, skill: [0.8], price: ${price}, service: 0.9, fail: 0, repair: 1 }]
agents: [{ name: a, endpoint: 'http://127.0.0.1:9/v1' }]
`

it('read twice at once, the file that was read last holds, however long reading the first one took', async () => {
  const file = join(folder, 'team.yaml')
  const load = (price: number) => {
    writeFileSync(file, team(price))
    return loadTeam(file, { port: 0, env: {} })
  }
  const loaded = await load(1)
  const served = await serve(
    loaded,
    lineLogger(() => undefined),
  )
  const [two, three] = [await load(2), await load(3)]
  let slow = (_: typeof two) => {}
  const first = served.reload(() => new Promise((resolve) => (slow = resolve)))
  const second = served.reload(async () => three)
  const fast = Promise.race([second, new Promise((resolve) => setTimeout(resolve, 500))])
  await fast
  slow(two)
  await Promise.all([first, second])
  // Settings hold, and are written, from the next tick on.
  await new Promise((resolve) => setTimeout(resolve, 100))
  await served.stop()
  const { records } = readLog(readFileSync(loaded.logFile, 'utf8'), dispatchSchemas)
  const prices = records.flatMap(({ kind, fields }) =>
    kind === 'settings' ? (fields.environment.agents as { price: number }[]).map(({ price }) => price) : [],
  )
  expect(prices.at(-1)).toBe(3)
})

it('says what of a file that was read again needs a restart', async () => {
  const file = join(folder, 'restart.yaml')
  const written = (text: string) => {
    writeFileSync(file, text)
    return loadTeam(file, { port: 0, env: {} })
  }
  const told: { level: string; msg: string; settings?: string[] }[] = []
  const logger = lineLogger((line) => told.push(JSON.parse(line)))
  const served = await serve(await written(team(1)), logger)
  const levels = async (text: string) => {
    told.length = 0
    await served.reload(() => written(text))
    return told.map(({ level, msg }) => `${level} ${msg}`)
  }
  const taken = 'info policy, environment and types of queries were read again and hold from the next decision'
  expect(await levels(team(2))).toEqual([taken])
  const moved = team(2).replace('http://127.0.0.1:9/v1', 'http://127.0.0.1:8/v1')
  expect(await levels(`deadlineMs: 50000\n${moved}`)).toEqual([
    taken,
    'warn the team file has changes that need a restart: deadlineMs, agents.a.endpoint',
  ])
  expect(await levels(team(2).replace('tickMs: 10', 'tickMs: 20'))).toEqual([
    'error the team file was read again and is not taken; the old settings go on',
  ])
  await served.stop()
})
