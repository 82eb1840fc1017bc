import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatchSchemas } from '#agents/dispatch/dispatch-lines.js'
import { readLog } from '#agents/log/read-log.js'
import type { ReplayDocument } from '../cli/commands/replay.js'
import type { FailureDocument } from '../cli/failure.js'
import { main } from '../cli/main.js'
import { FakeIo } from '../cli/testing/fake-io.js'
import { replayDispatch } from './replay-dispatch.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

const line = (kind: string, fields: object) =>
  `${JSON.stringify({ format: 'cadre-log/2', kind, time: '2026-01-31T12:00:00.000Z', ...fields })}\n`
const start = (episode: string) =>
  line('start', {
    ...{ episode, team: 't', policy: { name: 'optimal', sha256: null, version: null }, environment: {} },
    ...{ agents: ['agent-0', 'agent-1', 'agent-2'], present: [], seed: 0, epsilon: 0, tickMs: 1000 },
  })
const tick = (episode: string, at: number, events: object) => line('tick', { episode, tick: at, events })

it('goes through a run of any length that was killed', () => {
  const ticks = Array.from({ length: 130_000 }, (_, k) => tick('e', k + 1, { arrivals: [] }))
  const [run] = replayDispatch(readLog([start('e'), ...ticks, tick('e', 130_001, { failed: [1] })], dispatchSchemas))
  expect(run).toMatchObject({ ticks: 130_001, difference: null, booked: null, paid: null, agrees: null })
}, 60_000)

describe('the files of a log that was rotated', () => {
  const write = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const replay = async (...files: string[]) => {
    const io = new FakeIo()
    const code = await main(['replay', ...files, '--json'], io)
    return { code, document: JSON.parse(io.out) as ReplayDocument & FailureDocument }
  }
  const older = start('a') + tick('a', 1, { failed: [0] })

  it('are gone through as one', async () => {
    const files = [
      write('1', older),
      write('2', tick('a', 2, { repaired: [0] }) + start('b') + tick('b', 7, { failed: [2] })),
    ]
    const { code, document } = await replay(...files)
    expect(code).toBe(0)
    expect(document.runs.map(({ episode, ticks, difference }) => [episode, ticks, difference])).toEqual([
      ['a', 2, null],
      ['b', 7, null],
    ])
  })

  it('may end in the middle of a line: the next one begins at its first', async () => {
    for (const torn of ['{"format":"cadre-lo', `${older}{"format":"cadre-lo`]) {
      const files = [write('3', older), write('4', torn), write('5', start('b') + tick('b', 7, { failed: [2] }))]
      const { code, document } = await replay(...files)
      expect(code).toBe(0)
      expect(document.problems).toEqual([])
      expect(document.runs.at(-1)).toMatchObject({ episode: 'b', ticks: 7 })
    }
  })

  it('without the first of them: it is said that a run began before', async () => {
    const { code, document } = await replay(write('6', tick('a', 2, { repaired: [0] })))
    expect(code).not.toBe(0)
    expect(document.error.message).toMatch(/which an older file has; give that, too, the oldest first/)
  })

  it('are refused where one is given twice, is missing, or is something else', async () => {
    const log = write('8', older)
    symlinkSync(log, join(folder, 'same'))
    const said = async (...files: string[]) => {
      const { code, document } = await replay(...files)
      return [code, document.error.message.replaceAll(`${folder}/`, '')]
    }
    expect(await said(log, join(folder, 'same'))).toEqual([
      2,
      'same is given twice; give each file once, the oldest first',
    ])
    expect(await said(join(folder, 'none'))).toEqual([2, 'none: no such file'])
    expect(await said(folder)).toEqual([2, expect.stringMatching(/: this is a folder, expected a log$/)])
    const team = write('team.yaml', 'name: t\n')
    const other = 'team.yaml: not a decision log; give the file that log.file of the team names'
    expect(await said(team)).toEqual([2, other])
    expect(await said(log, team)).toEqual([2, other])
  })

  it('are told line by line where lines are wrong, the first twenty of them; numbers have their words', async () => {
    const io = new FakeIo()
    const wrong = line('tick', { episode: 'a' }).repeat(30)
    expect(await main(['replay', write('9', older + wrong)], io)).toBe(1)
    const lines = io.out.trimEnd().split('\n')
    expect(lines[0]).toBe('run a of optimal: 1 tick, 0 decisions, 0 states compared')
    expect(lines).toContain(
      '  agrees as far as it goes: the gateway is running still, or was killed, and has not said what it booked',
    )
    expect(lines.filter((one) => one.startsWith('line '))).toHaveLength(20)
    expect(lines.at(-1)).toBe('and 10 more lines; --json has them all')
  })

  it('of a router have no run', async () => {
    const { document } = await replay(write('7', ''))
    expect(document.error.message).toMatch(/only teams with a `dispatch` section/)
  })
})
