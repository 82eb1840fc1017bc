import { describe, expect, it } from 'vitest'
import { DispatchCore, type DispatchListener } from '#agents/dispatch/dispatch-core.js'
import { UtilityBook } from '#agents/dispatch/utility-book.js'
import { random } from '#algorithms/baselines/random.js'
import { Rng } from '#env/rng.js'
import { type RoutingDispatchConfig, resolveInstance, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { allocateSlots } from '#env/slot.js'

const discount = 0.97
const TICKS = 3000

/** What both have booked after so many ticks, the tick by tick sums in order. */
interface Booked {
  readonly totals: readonly number[]
  readonly discounted: number
}

interface Offered {
  readonly actions: readonly number[]
  winner: number
  skill: number
}

/**
 * A random tape through the dispatcher's core and book, and through the environment, each claim as good as its agent's skill. Agents go
 * down often, and give their queues back.
 */
function bookBoth(config: RoutingDispatchConfig): { readonly live: Booked; readonly env: Booked; returned: number } {
  const { agents } = resolveInstance(config)
  const skill = Float64Array.from(agents.flatMap((agent) => agent.skill))
  const world = new Rng('booked tape')
  const env = routingDispatch.create(config)
  const slots = allocateSlots(env.spec, 1)
  env.bind(slots.rows[0]!)
  env.injectInitial!({ inbox: [], queue: [0, 0, 0], down: [0, 0, 0] })
  const actions = new Int32Array(slots.layout.actionsOf.length)

  let returned = 0
  let offered: Offered[] = []
  let book: UtilityBook | null = null
  const listener: DispatchListener = {
    quality: (_, agent, type) => {
      offered.at(-1)!.skill = book!.skillOf(agent, type)
      return offered.at(-1)!.skill
    },
    decided: (ticket, _, winner) => {
      offered.at(-1)!.winner = winner
      if (winner >= 0) book!.claimed({ request: `${ticket}`, agent: winner, type: core.state.type[0]! })
    },
    returned: (ticket) => {
      returned++
      book!.takenBack(`${ticket}`)
    },
    stepped: (_, ticks, from, to) => book!.stepped(core.state.quantities, ticks, from, to),
  }
  const policy = random.create({ spec: env.spec, envConfig: config }, random.schema.parse({}))
  const core: DispatchCore = new DispatchCore(config, policy, { seed: 'booked', listener })
  book = new UtilityBook(core.rules, skill, discount)
  offered.push({ actions: [...core.decider.actions], winner: -1, skill: 0 })
  const { decider, state } = core
  const decide = decider.decide.bind(decider)
  decider.decide = () => {
    const claims = decide()
    offered.push({ actions: [...decider.actions], winner: -1, skill: 0 })
    return claims
  }

  const live: number[] = []
  const paid: number[] = []
  let total = 0
  let discounted = 0
  for (let t = 0; t < TICKS; t++) {
    const tape = { served: [] as number[], failed: [] as number[], repaired: [] as number[], arrivals: [] as number[] }
    state.queue.forEach((length, i) => {
      const up = state.down[i] === 0
      if (up && length > 0 && world.uniform() < 0.2) tape.served.push(i)
      if (up && world.uniform() < 0.15) tape.failed.push(i)
      if (!up && world.uniform() < 0.5) tape.repaired.push(i)
    })
    while (world.uniform() < 0.5) tape.arrivals.push(world.integer(state.rules.numTypes))
    const steps = offered
    offered = []
    for (const i of tape.served) core.complete(i, state.queued!.at(i, 0).ticket)
    for (const i of tape.failed) core.down(i)
    for (const i of tape.repaired) core.up(i)
    tape.arrivals.forEach((type, k) => {
      core.arrive(type, 100 * t + k)
    })
    core.boundary()
    live.push(book.utility.total)
    let earned = 0
    for (const [k, { actions: decided, winner, skill: good }] of steps.entries()) {
      actions.set(decided)
      env.applyEvents!({ winner: Math.max(0, winner), good, ...(k === steps.length - 1 ? tape : {}) })
      env.step(actions)
      earned += slots.reward[0]!
      discounted += discount ** t * slots.reward[0]!
    }
    total += earned
    paid.push(total)
  }
  return { live: { totals: live, discounted: book.utility.discounted }, env: { totals: paid, discounted }, returned }
}

describe('what the dispatcher books is what the environment pays, tick by tick and to the last digit', () => {
  it.each([
    ['one place', {}],
    ['three places', { inbox: 3 }],
    ['three offers a tick', { inbox: 3, offersPerTick: 3 }],
    ['a reward that is not linear', { inbox: 2, reward: 'max(value - cost, 0) - queued ^ 2 / 10 - loss - conflicts' }],
  ])('where queues are given back: %s', (_, settings) => {
    const config = routingDispatchConfig.parse({ limitSteps: null, onDown: 'giveBack', ...settings })
    const { live, env, returned } = bookBoth(config)
    expect(returned).toBeGreaterThan(100)
    expect(live.totals).toEqual(env.totals)
    expect(live.discounted).toBeCloseTo(env.discounted, 9)
  })
})
