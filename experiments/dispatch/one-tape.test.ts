import { describe, expect, it } from 'vitest'
import { DispatchCore } from '#agents/dispatch/dispatch-core.js'
import { random } from '#algorithms/baselines/random.js'
import type { Policy } from '#env/policy.js'
import { Rng } from '#env/rng.js'
import { instances, type RoutingDispatchConfig, routingDispatchConfig } from '#env/routing-dispatch/config.js'
import type { DispatchState } from '#env/routing-dispatch/dispatch-state.js'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { QUEUED, VALUE } from '#env/routing-dispatch/quantities.js'
import { allocateSlots, type Slot } from '#env/slot.js'

/** What the world does in one tick. */
type Tape = {
  readonly served: number[]
  readonly failed: number[]
  readonly repaired: number[]
  readonly arrivals: number[]
}

/** Draws what could happen in this state; often, so that inboxes fill and agents fall while they hold queries. */
function drawTape(state: DispatchState, rng: Rng): Tape {
  const tape: Tape = { served: [], failed: [], repaired: [], arrivals: [] }
  state.queue.forEach((length, i) => {
    const up = state.down[i] === 0
    if (up && length > 0 && rng.uniform() < 0.35) tape.served.push(i)
    if (up && rng.uniform() < 0.08) tape.failed.push(i)
    if (!up && rng.uniform() < 0.3) tape.repaired.push(i)
  })
  while (rng.uniform() < 0.45) tape.arrivals.push(rng.integer(state.rules.numTypes))
  return tape
}

/** What both sides must agree on: inbox, queues, who is down. */
function shown({ inbox, queue, down }: Shown): string {
  return JSON.stringify([inbox.map(({ type, left }) => [type, left]), [...queue], [...down]])
}
interface Shown {
  readonly inbox: readonly { readonly type: number; readonly left: number }[]
  readonly queue: ArrayLike<number> & Iterable<number>
  readonly down: ArrayLike<number> & Iterable<number>
}

/** One decision of the dispatcher, in the state that it was made in. */
interface Made {
  readonly state: string
  readonly actions: readonly number[]
  winner: number
  good: number
}

const none: Tape = { served: [], failed: [], repaired: [], arrivals: [] }

type PolicyOf = (config: RoutingDispatchConfig) => Policy
type Fault = (core: DispatchCore) => void

/**
 * Drives the environment and the dispatcher's core with the same events, winners and qualities.
 * @returns the first difference, or null when there is none in so many ticks
 */
function firstDifference(settings: object, policyOf: PolicyOf, ticks: number, fault?: Fault): string | null {
  const config = routingDispatchConfig.parse({ limitSteps: null, ...settings })
  const world = new Rng('tape')
  const env = routingDispatch.create(config)
  const slots = allocateSlots(env.spec, 1)
  env.bind(slots.rows[0]!)
  env.injectInitial!({ inbox: [], queue: [0, 0, 0], down: [0, 0, 0] })
  const policy = policyOf(config)
  const draws = new Rng('parity/policy')
  const actions = new Int32Array(slots.layout.actionsOf.length)

  const rewards: number[] = []
  const made: Made[] = []
  const core = new DispatchCore(config, policyOf(config), {
    seed: 'parity',
    listener: {
      quality: () => {
        made.at(-1)!.good = world.uniform() < 0.6 ? 1 : 0
        return made.at(-1)!.good
      },
      decided: (_, __, winner) => {
        made.at(-1)!.winner = winner
      },
      stepped: (reward) => {
        rewards.push(reward)
      },
    },
  })
  const empty = shown({ inbox: [], queue: [0, 0, 0], down: [0, 0, 0] })
  made.push({ state: empty, actions: [...core.decider.actions], winner: -1, good: 0 })
  fault?.(core)
  const { decider, state } = core
  const decide = decider.decide.bind(decider)
  decider.decide = () => {
    const inbox = Array.from({ length: state.waiting }, (_, k) => ({ type: state.type[k]!, left: state.left[k]! }))
    const before = shown({ inbox, queue: state.queue, down: state.down })
    const claims = decide()
    made.push({ state: before, actions: [...decider.actions], winner: -1, good: 0 })
    return claims
  }

  let ticket = 0
  for (let t = 0; t < ticks; t++) {
    const tape = drawTape(state, world)
    const stepsBefore = made.splice(0)
    for (const i of tape.served) core.complete(i, state.queued!.at(i, 0).ticket)
    for (const i of tape.failed) core.down(i)
    for (const i of tape.repaired) core.up(i)
    for (const type of tape.arrivals) core.arrive(type, ticket++)
    core.boundary()
    for (const [k, { state: theirs, actions: decided, winner, good }] of stepsBefore.entries()) {
      const own = shown(env.saveState() as unknown as Shown)
      if (own !== theirs) return `tick ${t}: the dispatcher is in ${theirs}, the environment in ${own}`
      policy.act({ ...slots, size: 1 }, draws, actions)
      if (actions.join() !== decided.join()) return `tick ${t}: decided ${decided}, the environment's policy ${actions}`
      const last = k === stepsBefore.length - 1
      env.applyEvents!({ winner: Math.max(0, winner), good: good === 1, ...(last ? tape : none) })
      env.step(actions)
      const reward = rewards.shift()!
      if (!(Math.abs(reward - slots.reward[0]!) <= 1e-12)) {
        return `tick ${t}: the dispatcher books ${reward}, the environment ${slots.reward[0]}`
      }
    }
  }
  return null
}

const scripted = (name: string): PolicyOf => {
  const entry = routingDispatch.policies!.find((one) => one.name === name)!
  return (config) => entry.create({ spec: routingDispatch.create(config).spec, envConfig: config }, {})
}
const drawn: PolicyOf = (config) =>
  random.create({ spec: routingDispatch.create(config).spec, envConfig: config }, random.schema.parse({}))

const { types } = instances['three-agents']
const ranked = types.map((type, t) => ({ ...type, priority: t }))
const TICKS = 10_000

describe('environment and dispatcher on one tape', () => {
  for (const onDown of ['keep', 'giveBack']) {
    for (const inbox of [1, 2, 3]) {
      it.each([
        ['random', drawn],
        ['margin-minus-delay', scripted('margin-minus-delay')],
      ] as const)(`agree for 10,000 ticks: ${onDown}, inbox ${inbox}, %s`, (_, policyOf) => {
        expect(firstDifference({ onDown, inbox }, policyOf, TICKS)).toBeNull()
      })
    }
  }

  it.each([
    ['priorities', { inbox: 3, types: ranked, onDown: 'giveBack' }],
    ['three offers a tick', { inbox: 3, offersPerTick: 3, onDown: 'giveBack' }],
    ['a central dispatcher', { control: 'centralised', inbox: 2 }],
    ['load messages', { observation: 'local-with-message', inbox: 2 }],
    ['a reward that is not linear', { reward: 'max(value - cost, 0) - queued ^ 2 / 10 - loss - conflicts' }],
  ])('agree with %s', (_, settings) => {
    expect(firstDifference(settings, drawn, TICKS)).toBeNull()
  })
})

/** The slot as it was at the boundary before. */
const staleMessage: Fault = ({ view }) => {
  const write = view.write.bind(view)
  let before: Int32Array | null = null
  view.write = (slot: Slot) => {
    write(slot)
    const now = Int32Array.from(slot.stateId)
    slot.stateId.set(before ?? now)
    before = now
  }
}

const holdingBeforeTheClaim: Fault = ({ state }) => {
  const endOffers = state.endOffers.bind(state)
  const award = state.award.bind(state)
  let claimed = 0
  state.award = (winner, claims, good) => {
    claimed++
    award(winner, claims, good)
  }
  state.endOffers = () => {
    endOffers()
    state.quantities[QUEUED] = state.quantities[QUEUED]! - claimed
    claimed = 0
  }
}

const arrivalBeforeService: Fault = (core) => {
  const complete = core.complete.bind(core)
  const boundary = core.boundary.bind(core)
  const waiting: [number, number][] = []
  core.complete = (agent, ticket) => {
    waiting.push([agent, ticket])
  }
  core.boundary = () => {
    boundary()
    for (const [agent, ticket] of waiting.splice(0)) complete(agent, ticket)
  }
}

const patienceOffByOne: Fault = ({ state }) => {
  const arrive = state.arrive.bind(state)
  state.arrive = (type, ticket) => {
    const accepted = arrive(type, ticket)
    for (let k = 0; accepted && k < state.waiting; k++) {
      if (state.ticket[k] === ticket) state.left[k] = state.left[k]! - 1
    }
    return accepted
  }
}

const conflictUnpaid: Fault = ({ state }) => {
  const award = state.award.bind(state)
  state.award = (winner, _, good) => award(winner, 1, good)
}

const givenBackWithoutAgeing: Fault = ({ state }) => {
  const goDown = state.goDown.bind(state)
  state.goDown = (i, begun) => {
    for (let k = 0; k < state.queue[i]!; k++) Object.assign(state.queued!.at(i, k), { tick: state.tick })
    goDown(i, begun)
  }
}

const bookedAtTheAnswer: Fault = ({ state, rules }) => {
  const award = state.award.bind(state)
  const complete = state.complete.bind(state)
  const earned = new Map<number, number>()
  state.award = (winner, claims, good) => {
    earned.set(state.ticket[0]!, good * rules.value[state.type[0]!]!)
    award(winner, claims, 0)
  }
  state.complete = (i, place = 0) => {
    state.quantities[VALUE] = state.quantities[VALUE]! + earned.get(state.queued!.at(i, place).ticket)!
    complete(i, place)
  }
}

describe('faults that are put in on purpose', () => {
  it.each([
    ['a stale message', staleMessage, /decided/],
    ['holding before the claim', holdingBeforeTheClaim, /books/],
    ['arrival before service', arrivalBeforeService, /is in|books/],
    ['patience off by one', patienceOffByOne, /is in/],
    ['conflict unpaid', conflictUnpaid, /books/],
    ['give-back without ageing', givenBackWithoutAgeing, /is in|books/],
    ['booking at the answer', bookedAtTheAnswer, /books/],
  ])('%s is caught', (_, fault, expected) => {
    const policyOf = fault === staleMessage ? scripted('margin-minus-delay') : drawn
    const settings = { onDown: 'giveBack', inbox: 2 }
    expect(firstDifference(settings, policyOf, TICKS)).toBeNull()
    expect(firstDifference(settings, policyOf, TICKS, fault)).toMatch(expected)
  })

  it('two completions a tick are caught: further ones wait for the next boundary', () => {
    const lengths = (fault: boolean) => {
      const config = routingDispatchConfig.parse({ inbox: 2, patience: 9 })
      const core = new DispatchCore(config, scripted('best-margin')(config), { seed: 'two' })
      core.arrive(0, 1)
      core.boundary()
      core.arrive(0, 2)
      core.boundary()
      const held = core.state.queue.indexOf(2)
      expect(held).toBeGreaterThanOrEqual(0)
      for (const ticket of [1, 2]) {
        if (fault) core.state.complete(held)
        else core.complete(held, ticket)
      }
      const after: number[] = []
      for (let t = 0; t < 2; t++) {
        core.boundary()
        after.push(core.state.queue[held]!)
      }
      return after
    }
    expect(lengths(false)).toEqual([1, 0])
    expect(lengths(true)).toEqual([0, 0])
  })
})
