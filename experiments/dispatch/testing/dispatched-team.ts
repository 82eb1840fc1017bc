import { expect } from 'vitest'
import { dispatchSchemas, type EventFields, type TickFields } from '#agents/dispatch/dispatch-lines.js'
import type { Dispatcher } from '#agents/dispatch/dispatcher.js'
import type { OutcomeFields } from '#agents/log/log-kinds.js'
import { type LogReading, readLog } from '#agents/log/read-log.js'
import type { Team } from '#agents/team/team-schema.js'
import { GivenClock } from '#agents/testing/given-clock.js'
import { sleep } from '#agents/testing/sleep.js'
import { ask, makeTeam, startGateway, type TeamInput, type TestGateway } from '#agents/testing/test-gateway.js'
import type { Policy } from '#env/policy.js'
import { type RoutingDispatchConfig, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { type StubEndpoint, startStub } from '../../../agents/testing/stub-endpoint.mjs'
import { type Replay, replayDispatch } from '../../replay/replay-dispatch.js'

export const tickMs = 20

const seat = (name: string) => ({ name, capacity: 2, skill: [0.9, 0.5], price: 1, service: 0.5, fail: 0, repair: 1 })

/** Two seats, a and b, and two types of query: easy and hard. */
export const environment = {
  observation: 'full',
  inbox: 2,
  patience: 3,
  tickMs,
  limitSteps: null,
  agents: [seat('a'), seat('b')],
  types: [
    { name: 'easy', value: 6, arrival: 0.4, loss: 1 },
    { name: 'hard', value: 12, arrival: 0.3, loss: 2 },
  ],
}

/** The agents named claim whatever they may; whom `who` names may change. */
export const claiming = (who: readonly number[]): Policy => ({
  observes: 'local',
  act: ({ mask }, _, out) => {
    out.fill(0)
    for (const i of who) out[i] = mask[2 * i + 1]!
  },
})

/** A request on its way. */
export interface Asking {
  /** Resolves with its status and body; 0 where the client has gone. */
  readonly answer: Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>
  leave(): void
}

/** A dispatched team whose ticks pass when a test says so. Its endpoints are real. */
export interface DispatchedTeam extends TestGateway {
  /** As its file says it. */
  readonly file: Team
  readonly dispatcher: Dispatcher
  readonly stubs: readonly StubEndpoint[]
  readonly clock: GivenClock
  /** Sends a query of a type, and waits until it has come. */
  ask(type?: string, more?: object): Promise<Asking>
  /** Lets ticks pass, one by one; what endpoints and clients do about one comes before the next. */
  ticks(count: number): Promise<void>
  /** Lets ticks pass until something is so. */
  ticksUntil(isSo: () => boolean): Promise<void>
  /** Lets ticks pass until these have an answer. @returns their statuses */
  answersOf(asked: readonly Asking[]): Promise<number[]>
  /** How the agents stand in `GET /v1/team`. */
  status(): Promise<{ agents: { [key: string]: unknown }[]; dispatch: { [key: string]: unknown } }>
  /** Stops the team, and holds what it logged to its schemas and to the environment. */
  end(): Promise<{
    reading: LogReading
    replay: Replay
    ticks: TickFields[]
    events: EventFields[]
    outcomes: OutcomeFields[]
  }>
}

export interface DispatchedParts {
  readonly environment?: object
  readonly dispatch?: object
  readonly team?: TeamInput
  readonly agent?: object
}

/** Waits in real time for what endpoints and clients do. */
export async function until(isSo: () => boolean): Promise<void> {
  const limit = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > limit) throw new Error(`it never came to be so: ${isSo}`)
    await sleep(2)
  }
}

/** @param behaviours - of the endpoints of seats a and b, see stub-endpoint */
export async function startDispatched(
  behaviours: readonly string[],
  policy: Policy,
  more: DispatchedParts = {},
): Promise<DispatchedTeam> {
  const clock = new GivenClock()
  const stubs: StubEndpoint[] = []
  for (const behaviour of behaviours) stubs.push(await startStub(behaviour))
  const agents = stubs.map(({ endpoint }, i) => ({ name: 'ab'[i], endpoint, ...more.agent }))
  const config: RoutingDispatchConfig = routingDispatchConfig.parse({ ...environment, ...more.environment })
  const team = makeTeam(agents, { dispatch: { environment: config, ...more.dispatch }, ...more.team })
  const seats = config.agents!.map((_, i) => (i < agents.length ? i : null))
  const test = await startGateway(team, { lead: { kind: 'dispatch', config, policy, seats }, clock })
  const dispatcher = test.gateway.dispatcher!
  const submit = dispatcher.submit.bind(dispatcher)
  let submitted = 0
  dispatcher.submit = (query) => {
    submitted++
    return submit(query)
  }

  const askTeam = async (type?: string, body: object = {}): Promise<Asking> => {
    const call = new AbortController()
    const before = submitted
    let over = false
    const headers = { 'content-type': 'application/json', ...(type === undefined ? {} : { 'x-cadre-type': type }) }
    const sent = async () => {
      try {
        const response = await fetch(`${test.url}/chat/completions`, {
          ...{ method: 'POST', headers, signal: call.signal },
          body: JSON.stringify(ask('What?', body)),
        })
        return { status: response.status, headers: response.headers, text: await response.text() }
      } catch {
        return { status: 0, headers: new Headers(), text: '' }
      } finally {
        over = true
      }
    }
    const answer = sent()
    await until(() => over || submitted > before)
    return { answer, leave: () => call.abort() }
  }

  const ticks = async (count: number) => {
    for (let k = 0; k < count; k++) {
      clock.pass(tickMs)
      await sleep(3)
    }
  }

  const end = async () => {
    await test.gateway.stop()
    for (const stub of stubs) await stub.close()
    expect(dispatcher.queues().filter(({ inService }) => inService !== 0)).toEqual([])
    const reading = readLog(test.sink.lines.join(''), dispatchSchemas)
    expect(reading.problems).toEqual([])
    const fates = new Set([...reading.requests.values()].map(({ fate }) => fate))
    expect(fates.has('interrupted')).toBe(false)
    const replays = replayDispatch(reading)
    expect(replays).toMatchObject([{ difference: null, agrees: true, interrupted: [] }])
    const linesOf = <T>(kind: string) =>
      reading.records.filter((record) => record.kind === kind).map(({ fields }) => fields as T)
    return {
      ...{ reading, replay: replays[0]! },
      ticks: linesOf<TickFields>('tick'),
      events: linesOf<EventFields>('event'),
      outcomes: linesOf<OutcomeFields>('outcome'),
    }
  }

  const ticksUntil = async (isSo: () => boolean) => {
    const limit = performance.now() + 10_000
    while (!isSo()) {
      if (performance.now() > limit) throw new Error(`it never came to be so: ${isSo}`)
      await ticks(1)
    }
  }

  return {
    file: team,
    ...test,
    ...{ dispatcher, stubs, clock, ask: askTeam, ticks, end },
    ticksUntil,
    answersOf: async (asked) => {
      const statuses: number[] = []
      asked.forEach(async ({ answer }, k) => {
        statuses[k] = (await answer).status
      })
      await ticksUntil(() => Object.keys(statuses).length === asked.length)
      return statuses
    },
    status: async () => (await (await fetch(`${test.url}/team`)).json()) as never,
  }
}
