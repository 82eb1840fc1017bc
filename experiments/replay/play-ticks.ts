import { BatchMeans } from '#agents/dispatch/batch-means.js'
import { Discounting } from '#agents/dispatch/discounting.js'
import type { TickFields } from '#agents/dispatch/dispatch-lines.js'
import { StateError } from '#env/errors.js'
import type { Json } from '#env/json.js'
import { resolveInstance } from '#env/routing-dispatch/config.js'
import { SampledDispatch } from '#env/routing-dispatch/sampled-dispatch.js'
import { allocateSlots } from '#env/slot.js'
import { happenedIn, LoggedClaims, loggedConfig, type Played, type Run, type ShownState, settingsIn } from './run.js'

/** Drives the environment with the events of a run. @param scores - by request, how good its answer was */
export function playTicks(run: Run, scores: ReadonlyMap<string, number>): Played {
  const { start, stop } = run
  const config = loggedConfig(start.environment)
  let { agents } = resolveInstance(config)
  const ticks = happenedIn(run) as TickFields[]
  const lines = new Map(ticks.map((line) => [line.tick, line]))
  const adoptions = new Map(settingsIn(run).map((line) => [line.tick, line]))
  const claims = new LoggedClaims(run, scores)
  const discounting = new Discounting(start.discount ?? 0)
  let env = new SampledDispatch(config)
  const slots = allocateSlots(env.spec, 1, { observation: false, state: false })
  env.bind(slots.rows[0]!)
  const zeros = agents.map(() => 0)
  env.injectInitial({ inbox: [], queue: zeros, down: zeros })
  const actions = new Int32Array(slots.layout.actionsOf.length)
  const centralised = config.control === 'centralised'
  const means = new BatchMeans()
  const last = stop?.tick ?? ticks.reduce((latest, { tick }) => Math.max(latest, tick), 0)
  let decisions = 0
  let states = 0
  let discounted = 0
  let difference: string | null = null
  for (let tick = 0; tick < last && difference === null; tick++) {
    const adopted = adoptions.get(tick)
    if (adopted !== undefined) {
      // The same state goes on by other numbers.
      const saved = env.saveState()
      const now = loggedConfig(adopted.environment)
      env = new SampledDispatch(now)
      env.bind(slots.rows[0]!)
      env.loadState(saved)
      agents = resolveInstance(now).agents
      if (adopted.discount !== undefined) discounting.change(adopted.discount, tick)
    }
    const offers = lines.get(tick)?.offers ?? []
    let earned = 0
    for (let k = 0; k < Math.max(1, offers.length) && difference === null; k++) {
      const offer = offers[k]
      const logged = k === 0 ? lines.get(tick)?.state : undefined
      if (logged !== undefined) {
        const expected = JSON.stringify(logged)
        const found = JSON.stringify(savedState(env.saveState()))
        if (expected !== found) {
          difference = `tick ${tick}: the log has the state ${expected}, the environment ${found}`
          break
        }
        states++
      }
      actions.fill(0)
      let told: { [key: string]: Json } = {}
      if (offer !== undefined) {
        decisions++
        if (centralised && offer.winner !== null) actions[0] = offer.winner + 1
        if (!centralised) for (const agent of offer.claims) actions[agent] = 1
        if (offer.winner !== null) {
          const [head] = savedState(env.saveState()).inbox
          const skill = agents[offer.winner]!.skill[head?.[0] ?? 0]!
          told = { winner: offer.winner, good: claims.goodOf(offer, skill) }
        }
      }
      const events = k >= offers.length - 1 ? (lines.get(tick + 1)?.events ?? {}) : {}
      try {
        env.applyEvents({ ...told, ...(events as { [key: string]: Json }) })
        env.step(actions)
        earned += slots.reward[0]!
        discounted += discounting.at(tick) * slots.reward[0]!
      } catch (error) {
        if (!(error instanceof StateError)) throw error
        difference = `tick ${tick + 1}: ${error.message}`
      }
    }
    if (difference === null) means.push(earned)
  }
  return { difference, means, discounted, decisions, states, unjudged: claims.unjudged, claimed: claims.requests }
}

function savedState(saved: { readonly [key: string]: Json }): ShownState {
  const { inbox, queue, down } = saved as unknown as {
    inbox: { type: number; left: number }[]
    queue: number[]
    down: number[]
  }
  return { inbox: inbox.map(({ type, left }) => [type, left]), queue, down }
}
