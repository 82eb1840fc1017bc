import { nearestName } from '../errors.js'
import { CsvReader, type CsvRecord } from '../outcomes/csv-reader.js'
import { ProblemList } from '../outcomes/problem-list.js'

/** Recorded queries, by the tick that they arrived in. */
export interface ArrivalTrace {
  readonly ticks: number
  /** i32 [ticks + 1], where each tick's queries begin. */
  readonly start: Int32Array
  /** i32, types in order of time. */
  readonly type: Int32Array
}

/** Most ticks from the first query to the last. */
const MAX_TICKS = 100_000_000

/**
 * Reads a recording of arrivals: CSV whose header names `time` (milliseconds from 0 on, not falling) and `type` (the name of a query
 * type). The first query arrives in the first tick, the last one in the last: from one to the other is the length of the recording.
 * @param types - names of the query types
 * @param tickMs - milliseconds a tick
 * @param file - for messages
 * @throws ConfigError with every problem, by line and column
 */
export function readArrivalTrace(text: string, types: readonly string[], tickMs: number, file?: string): ArrivalTrace {
  const problems = new ProblemList(file)
  const times: number[] = []
  const found: number[] = []
  let columns: { time: number; type: number } | undefined
  const readHeader = (record: CsvRecord) => {
    const at = (name: string) => record.fields.findIndex((field) => field.trim().toLowerCase() === name)
    columns = { time: at('time'), type: at('type') }
    for (const name of ['time', 'type'] as const) {
      if (columns[name] >= 0) continue
      const found = record.fields.join(', ')
      problems.add('', `no column "${name}" in the first line (${found}); name it there, as in time,type`, record.line)
    }
    problems.throwIfAny()
  }
  const readQuery = (record: CsvRecord, { time, type }: { time: number; type: number }) => {
    const written = (record.fields[time] ?? '').trim()
    const ms = written === '' ? Number.NaN : Number(written)
    const name = (record.fields[type] ?? '').trim()
    const typeIndex = types.indexOf(name)
    const place = (field: number): [number, number] => {
      const { line, column } = record.placeOf(Math.min(field, record.fields.length - 1))
      return [line, column]
    }
    if (!Number.isFinite(ms)) {
      problems.add('time', `expected milliseconds, got ${JSON.stringify(written)}`, ...place(time))
    } else if (ms < 0) {
      problems.add(
        'time',
        `expected milliseconds from 0 on, got ${ms}; count from the recording's start`,
        ...place(time),
      )
    } else if (times.length > 0 && ms < times.at(-1)!) {
      problems.add(
        'time',
        `expected at least ${times.at(-1)}, the time before, got ${ms}; sort the file`,
        ...place(time),
      )
    }
    if (typeIndex < 0) {
      const near = nearestName(name, types)
      const hint = near === undefined ? '' : `, did you mean "${near}"?`
      problems.add('type', `no query type "${name}"; there are ${types.join(', ')}${hint}`, ...place(type))
    }
    times.push(Number.isFinite(ms) ? ms : (times.at(-1) ?? 0))
    found.push(typeIndex)
  }
  const reader = new CsvReader({
    record: (record) => (columns === undefined ? readHeader(record) : readQuery(record, columns)),
    problem: (message, { line, column }) => problems.add('', message, line, column),
  })
  reader.push(text)
  reader.end()
  if (columns === undefined) problems.add('', 'empty; expected a header with time and type', 1)
  else if (times.length === 0) problems.add('', 'no queries; expected a line for each below the header', 2)
  problems.throwIfAny()
  const ticks = Math.floor((times.at(-1)! - times[0]!) / tickMs) + 1
  if (ticks > MAX_TICKS) {
    problems.add('time', `${ticks} ticks from the first query to the last, at most ${MAX_TICKS}; set a longer tickMs`)
    problems.throwIfAny()
  }
  if (ticks < 2) {
    const span = times[0] === times.at(-1) ? `all times are ${times[0]}` : `${times[0]} to ${times.at(-1)} is one tick`
    problems.add(
      'time',
      `a recording needs a length of at least two ticks of ${tickMs} ms, and ${span}: played round and round, all would come at every tick; record for longer, or set a shorter tickMs`,
    )
    problems.throwIfAny()
  }
  const start = new Int32Array(ticks + 1)
  for (const ms of times) {
    const tick = Math.floor((ms - times[0]!) / tickMs)
    start[tick + 1] = start[tick + 1]! + 1
  }
  for (let tick = 0; tick < ticks; tick++) start[tick + 1] = start[tick + 1]! + start[tick]!
  return { ticks, start, type: Int32Array.from(found) }
}
