import { describe, expect, it } from 'vitest'
import { AgentFailure } from '#agents/client/agent-failure.js'
import { type Agent, type AgentAnswer, agentRequestSchema, type Call } from '#agents/contract/agent.js'
import { specialists } from '#agents/decomposition/specialists.js'
import { DecisionLog } from '#agents/log/decision-log.js'
import { everyKind } from '#agents/log/every-kind.js'
import { readLog } from '#agents/log/read-log.js'
import { GivenClock } from '#agents/testing/given-clock.js'
import { testResources } from '#agents/testing/test-resources.js'
import { Rng } from '#env/rng.js'
import { type RoutingDispatchConfig, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { queueOptimum } from '../answering/queue-optimum.js'
import { replayDispatch } from '../replay/replay-dispatch.js'
import { predictedGain } from '../serve/predicted-gain.js'

const tickMs = 1000
const TICKS = 20_000

const environment = {
  tickMs,
  inbox: 2,
  limitSteps: null,
  types: [
    { name: 'track', value: 6, arrival: 0.4, loss: 1 },
    { name: 'price', value: 12, arrival: 0.3, loss: 2 },
  ],
  agents: [
    { name: 'cheap', capacity: 3, skill: [0.7, 0.3], price: 0.5, service: 0.4, fail: 0.05, repair: 0.15 },
    { name: 'dear', capacity: 2, skill: [0.9, 0.8], price: 2.5, service: 0.25, fail: 0.02, repair: 0.2 },
  ],
}
const config: RoutingDispatchConfig = routingDispatchConfig.parse(environment)
const { spec } = routingDispatch.create(config)

/** An agent that works, fails and comes up again as the settings say, a tick at a time. */
class DrawnAgent implements Agent {
  readonly card
  up = true
  readonly #numbers
  readonly #inWork: { answer: () => void; over: boolean }[] = []

  constructor(numbers: (typeof environment.agents)[number]) {
    const { name } = numbers
    this.#numbers = numbers
    this.card = {
      ...{ name, summary: 'works as the model says', adds: ['drafts'] as const, needs: ['frame'] as const },
      ...{ repeats: false, longestQuestion: 1000 },
    }
  }

  isUp(): boolean {
    return this.up
  }

  handle(_: unknown, { signal }: Call): Promise<AgentAnswer> {
    const { name } = this.card
    return new Promise((resolve, reject) => {
      const work = {
        over: false,
        answer: () => {
          const drafts = [{ agent: name, text: name, confidence: 1, provenance: [] }]
          resolve({ found: { drafts }, confidence: 1, costUsd: 0, provenance: [] })
        },
      }
      signal.addEventListener('abort', () => {
        work.over = true
        reject(new AgentFailure('aborted', 'given up'))
      })
      this.#inWork.push(work)
    })
  }

  /** A tick: as the environment draws it. */
  tick(rng: Rng): void {
    const { service, fail, repair } = this.#numbers
    if (!this.up) {
      this.up = rng.uniform() < repair
      return
    }
    while (this.#inWork[0]?.over === true) this.#inWork.shift()
    if (this.#inWork.length > 0 && rng.uniform() < service) this.#inWork.shift()!.answer()
    this.up = rng.uniform() >= fail
  }
}

/** What follows from what has happened is over. */
const settled = () => new Promise((done) => setImmediate(done))

/** A stream of parts through specialists with queues, in virtual time. @returns what its log says once more */
async function play(dispatch: object, seed: string) {
  const clock = new GivenClock()
  const lines: string[] = []
  const silent = { info: () => {}, warn: () => {}, error: () => {} }
  const log = new DecisionLog({ append: (line) => void lines.push(line), close: () => {} }, silent, clock)
  const agents = environment.agents.map((numbers) => new DrawnAgent(numbers))
  const made = Object.fromEntries(agents.map((agent) => [agent.card.name, agent]))
  const types = environment.types.map(({ name }) => name)
  const desk = specialists.create(
    specialists.schema.parse({
      agents: { cheap: { types, use: 'x' }, dear: { types, use: 'x' } },
      dispatch: { environment, decide: 'ticks', ...dispatch },
    }),
    {
      ...testResources('desk'),
      ...{ clock, log, optimum: queueOptimum },
      make: (path) => made[String(path.at(-1))]!,
    },
  )
  const rng = new Rng(seed)
  let failures = 0
  for (let tick = 0; tick < TICKS; tick++) {
    clock.pass(tickMs / 2)
    for (const agent of agents) agent.tick(rng)
    let draw = rng.uniform()
    const type = environment.types.find(({ arrival }) => {
      draw -= arrival
      return draw < 0
    })
    // Its time begins with the first part.
    const asked = tick === 0 ? environment.types[0]! : type
    if (asked !== undefined) {
      const found = { frame: { intent: asked.name, confidence: 1, slots: [] } }
      const request = agentRequestSchema.parse({ id: `q${tick}`, question: 'What?', found })
      const call = { signal: new AbortController().signal, deadline: clock.elapsedMs() + 1e9, trace: () => {} }
      desk.handle(request, call).catch(() => {
        failures++
      })
    }
    await settled()
    clock.pass(tickMs / 2)
    await settled()
  }
  await desk.close?.()
  log.close()
  const reading = readLog(lines, everyKind)
  expect(reading.problems).toEqual([])
  const [replay] = replayDispatch(reading)
  return { replay: replay!, failures }
}

/** What a rule of routing-dispatch earns a tick, exactly. */
const exactOf = (use: string): number => {
  const policy =
    use === 'optimal'
      ? queueOptimum(config, 0.97).policy
      : routingDispatch.policies!.find(({ name }) => name === use)!.create({ spec, envConfig: config }, {})
  return predictedGain(config, policy).perTick!
}

describe('what specialists with queues earn in virtual time is what the model predicts', () => {
  it.each(['optimal', 'margin-with-reserve', 'shortest-queue'])(
    '%s, 20,000 ticks',
    { timeout: 120_000 },
    async (use) => {
      const { replay, failures } = await play({ policy: { use } }, 'parts one')
      // The environment goes through the same states, and pays what was booked.
      expect(replay).toMatchObject({ difference: null, agrees: true, interrupted: [], ticks: TICKS })
      const { low, high } = replay.utility
      const exact = exactOf(use)
      expect(low!).toBeLessThan(exact)
      expect(high!).toBeGreaterThan(exact)
      // It tells policies from each other.
      if (use === 'optimal') expect(low!).toBeGreaterThan(exactOf('shortest-queue'))
      if (use === 'shortest-queue') expect(high!).toBeLessThan(exactOf('optimal'))
      expect(failures).toBeGreaterThan(0)
    },
  )
})
