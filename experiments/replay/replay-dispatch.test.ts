import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

  it('of a router have no run', async () => {
    const { document } = await replay(write('7', ''))
    expect(document.error.message).toMatch(/only teams with a `dispatch` section/)
  })
})
