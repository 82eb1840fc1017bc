import { expect, it } from 'vitest'
import { dispatchSchemas } from '#agents/dispatch/dispatch-lines.js'
import { readLog } from '#agents/log/read-log.js'
import { replayDispatch } from '../replay/replay-dispatch.js'
import { claiming, type DispatchedTeam, startDispatched } from './testing/dispatched-team.js'

/** Ids of the requests that were decided on, in order. */
function decidedOn({ sink }: DispatchedTeam): string[] {
  return [...new Set(sink.reading.records.flatMap(({ kind, fields }) => (kind === 'decision' ? [fields.request] : [])))]
}

async function tell({ url }: DispatchedTeam, request: string, score: number): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/feedback`, { method: 'POST', headers, body: JSON.stringify({ request, score }) })
  expect(answer.status).toBe(200)
  await answer.text()
}

it('counts until the answer breaks off: then it is worth nothing, in the book and in the environment', async () => {
  const team = await startDispatched(['drip', 'ok'], claiming([0]), { team: { deadlineMs: 2000 } })
  const asked = await team.ask('hard', { stream: true })
  await team.ticks(2)
  const [request] = decidedOn(team)
  const before = team.dispatcher.book.utility.total
  await tell(team, request!, 1)
  // Skill .5 of 12, now known to be good.
  expect(team.dispatcher.book.utility.total).toBeCloseTo(before + 6, 9)
  team.clock.pass(2000)
  expect((await asked.answer).text).toMatch(/deadline_exceeded/)
  expect(team.dispatcher.book.utility.unjudged).toBe(0)
  await team.ticks(2)
  const { replay } = await team.end()
  expect(replay.utility.total).toBeLessThan(0)
  expect(replay.booked).toBeCloseTo(replay.utility.total, 9)
})

it('that comes when the dispatcher has stopped, or after the request was forgotten, counts in a replay: it booked what it knew', async () => {
  const team = await startDispatched(['ok', 'ok'], claiming([0]))
  for (const type of ['easy', 'hard', 'hard']) expect(await team.answersOf([await team.ask(type)])).toEqual([200])
  await team.ticks(2)
  const [first, second, third] = decidedOn(team) as [string, string, string]
  await tell(team, second, 1)
  await team.end()
  const text = team.sink.lines.join('')
  const line = (request: string, known: boolean) =>
    `${JSON.stringify({
      ...{ format: 'cadre-log/2', kind: 'feedback', time: '2026-01-31T12:00:00.000Z', request, known },
      ...{ source: 'late', score: 0, label: 'bad', comment: null, key: null },
    })}\n`
  const stop = text.lastIndexOf('{', text.indexOf('"kind":"stop"'))
  const late = text.slice(0, stop) + line(first, false) + text.slice(stop) + line(third, true)
  const [known, all] = [text, late].map((log) => replayDispatch(readLog(log, dispatchSchemas))[0]!)
  expect(known!.agrees).toBe(true)
  // Skills .9 of 6 and .5 of 12 are lost.
  expect(all!.utility.total).toBeCloseTo(known!.utility.total - 0.9 * 6 - 0.5 * 12, 9)
  expect([known!.utility.unjudged, all!.utility.unjudged]).toEqual([2, 0])
  expect(all).toMatchObject({ booked: known!.booked, agrees: true })
  expect(all!.paid).toBeCloseTo(known!.booked!, 9)
})
