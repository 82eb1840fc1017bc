import { expect, it } from 'vitest'
import type { PolicyIdentity } from '#agents/gateway/record-decision.js'
import { makeTeam, ruleIdentity } from '#agents/testing/test-gateway.js'
import { routingDispatchConfig } from '#env/routing-dispatch/config.js'
import { claiming, environment, startDispatched, tickMs } from './testing/dispatched-team.js'

it('goes on by other numbers from the next decision, with another policy, and the environment agrees', async () => {
  const team = await startDispatched(['ok', 'ok'], claiming([0]))
  const first = await team.ask('easy')
  expect(await team.answersOf([first])).toEqual([200])
  await team.ticks(3)
  const { total: before } = team.dispatcher.book.utility

  const [a, b] = environment.agents
  const dearer = routingDispatchConfig.parse({
    ...environment,
    hold: 1.5,
    agents: [a, { ...b!, price: 4, skill: [0.25, 0.25] }],
  })
  team.dispatcher.adopt(dearer, claiming([1]), ruleIdentity)
  await team.ticks(2)
  expect(team.dispatcher.book.utility.total).toBeCloseTo(before, 12)
  const second = await team.ask('easy')
  expect(await team.answersOf([second])).toEqual([200])
  expect((await second.answer).headers.get('x-cadre-agent')).toBe('b')
  await team.ticks(2)
  // .25 of 6, less 4, and 1.5 for each tick that it was queued.
  const held = (before + 1.5 - 4 - team.dispatcher.book.utility.total) / 1.5
  expect(held).toBeCloseTo(Math.round(held), 9)
  expect(held).toBeGreaterThan(0.5)

  const { reading, replay } = await team.end()
  expect(reading.records.filter(({ kind }) => kind === 'settings')).toHaveLength(1)
  expect(replay).toMatchObject({ difference: null, agrees: true, decisions: 2 })
})

it('pays for the tick under way by the old numbers: the environment agrees where queries are queued meanwhile', async () => {
  const team = await startDispatched(['drip', 'ok'], claiming([0]), { team: { deadlineMs: 2000 } })
  const asked = await team.ask('easy', { stream: true })
  await team.ticks(3)
  expect([...team.dispatcher.core.state.queue]).toEqual([1, 0])
  const { ticks, total } = team.dispatcher.book.utility
  team.dispatcher.adopt(routingDispatchConfig.parse({ ...environment, hold: 1.5 }), claiming([1]), ruleIdentity)
  await team.ticks(2)
  expect(team.dispatcher.book.utility.total).toBeCloseTo(total - 0.4 - 1.5, 9)
  await team.ticks(1)
  expect(team.dispatcher.book.utility.total).toBeCloseTo(total - 0.4 - 3, 9)
  team.clock.pass(2000)
  expect((await asked.answer).text).toMatch(/deadline_exceeded/)
  await team.ticks(2)
  const { reading } = await team.end()
  const settings = reading.records.flatMap((record) => (record.kind === 'settings' ? record.fields : []))
  // The boundary after that which ended the last tick booked.
  expect(settings).toMatchObject([{ tick: ticks + 1, environment: { hold: 1.5 } }])
})

it.each(['ticks', 'events'] as const)(
  'counts by another discount from then on, and the environment agrees: decisions at %s',
  async (decide) => {
    const parts = { environment: { hold: 0, wait: 0 }, dispatch: { decide } }
    const team = await startDispatched(['ok', 'ok'], claiming([0]), parts)
    const { book, core } = team.dispatcher
    expect(await team.answersOf([await team.ask('easy')])).toEqual([200])
    await team.ticks(3)
    // At ticks that of the boundary that comes next.
    const since = core.time
    const before = book.utility.discounted
    const config = routingDispatchConfig.parse({ ...environment, ...parts.environment })
    team.dispatcher.adopt(config, claiming([0]), ruleIdentity, 0.5)
    await team.ticks(2)
    expect([book.discount, book.utility.discounted]).toEqual([0.5, before])
    const claimed = core.time
    expect(claimed).toBeGreaterThan(since)
    expect(await team.answersOf([await team.ask('hard')])).toEqual([200])
    await team.ticks(2)
    // .5 of 12, less 1.
    expect(book.utility.discounted).toBeCloseTo(before + 0.97 ** since * 0.5 ** (claimed - since) * 5, 9)
    const { reading, replay } = await team.end()
    const settings = reading.records.flatMap((record) => (record.kind === 'settings' ? record.fields : []))
    expect(settings).toMatchObject([{ discount: 0.5 }])
    expect(replay.utility.discounted).toBeCloseTo(book.utility.discounted, 9)
  },
)

it('refuses numbers of another team, and goes on as it was', async () => {
  const team = await startDispatched(['ok', 'ok'], claiming([0]))
  for (const other of [
    { patience: 9 },
    { inbox: 1 },
    { agents: environment.agents.map((agent) => ({ ...agent, capacity: 3 })) },
    { agents: environment.agents.toReversed() },
    { types: environment.types.toReversed() },
    { control: 'centralised' },
    { observation: 'own' },
    { encoding: 'one-hot' },
    { tickMs: 2 * tickMs },
    // With two places, states have other numbers where several queries may come at once.
    { arrivals: { kind: 'poisson' } },
  ]) {
    const config = routingDispatchConfig.parse({ ...environment, ...other })
    expect(() => team.dispatcher.adopt(config, claiming([1]), ruleIdentity)).toThrowError(
      /expected rules of the same team/,
    )
  }
  const { answer } = await team.ask('easy')
  await team.ticks(1)
  expect((await answer).headers.get('x-cadre-agent')).toBe('a')
  await team.end()
})

it('where agents see who is good at what, takes other skills only while that stays so', async () => {
  const counted = { ...environment, observation: 'own-with-counts' }
  const team = await startDispatched(['ok', 'ok'], claiming([0]), { environment: counted })
  const skilled = (skill: number[]) =>
    routingDispatchConfig.parse({ ...counted, agents: environment.agents.map((agent) => ({ ...agent, skill })) })
  expect(() => team.dispatcher.adopt(skilled([0.9, 0.8]), claiming([1]), ruleIdentity)).toThrowError(
    'expected rules of the same team: who is good at what is [[true,false],[true,false]], got [[true,true],[true,true]]',
  )
  team.dispatcher.adopt(skilled([0.7, 0.6]), claiming([1]), ruleIdentity)
  await team.ticks(1)
  await team.end()
})

it('a policy found meanwhile takes over from the one that came with new numbers, also where they wait for their tick', async () => {
  const team = await startDispatched(['ok', 'ok'], claiming([0]))
  team.dispatcher.adopt(routingDispatchConfig.parse({ ...environment, hold: 1.5 }), claiming([0]), ruleIdentity)
  team.dispatcher.lead(claiming([1]))
  const asked = await team.ask('easy')
  expect(await team.answersOf([asked])).toEqual([200])
  expect((await asked.answer).headers.get('x-cadre-agent')).toBe('b')
  await team.end()
})

it('is told under the name of the policy that led when its query was claimed', async () => {
  const team = await startDispatched(['ok', 'drip'], claiming([1]), { team: { deadlineMs: 2000 } })
  const before = await team.ask('easy', { stream: true })
  await team.ticks(2)
  const bundle: PolicyIdentity = { name: 'joint-action-q', sha256: 'ab'.repeat(32), version: '1', encoder: null }
  team.dispatcher.adopt(routingDispatchConfig.parse(environment), claiming([0]), bundle)
  // Until the next boundary the old one leads.
  expect(await team.status()).toMatchObject({ policy: { name: 'always', sha256: null } })
  await team.ticks(1)
  expect(await team.status()).toMatchObject({ policy: { name: 'joint-action-q', sha256: bundle.sha256, version: '1' } })
  const after = await team.ask('easy')
  expect(await team.answersOf([after])).toEqual([200])
  expect((await after.answer).headers.get('x-cadre-policy')).toBe('abababababab')
  const { recent } = (await team.status()) as unknown as { recent: { by: string }[] }
  expect(recent.map(({ by }) => by)).toEqual(['joint-action-q', 'always'])
  before.leave()
  await team.ticks(2)
  const { reading, replay } = await team.end()
  const named = reading.records.flatMap(({ kind, fields }) => (kind === 'decision' ? [[fields.by, fields.policy]] : []))
  const { encoder: _, ...logged } = bundle
  expect(named).toEqual([
    ['always', { name: 'always', sha256: null, version: null }],
    ['joint-action-q', logged],
  ])
  expect(reading.records.find(({ kind }) => kind === 'settings')?.fields).toMatchObject({ policy: logged })
  expect(replay.policy).toBe('always, then joint-action-q')
})

it('tells the types of queries by the rules that were read last', async () => {
  const team = await startDispatched(['ok', 'ok'], claiming([0]), { dispatch: { otherType: 'easy' } })
  const config = routingDispatchConfig.parse(environment)
  const dispatch = { environment: config, typeRules: [{ match: 'what', type: 'hard' }], otherType: 'easy' }
  team.gateway.adopt({
    team: makeTeam([{ name: 'a', endpoint: team.stubs[0]!.endpoint }], { dispatch }),
    lead: { kind: 'dispatch', config, policy: claiming([0]), seats: [0, 1] },
    policy: ruleIdentity,
  })
  const asked = await team.ask()
  expect(await team.answersOf([asked])).toEqual([200])
  const { recent } = (await team.status()) as unknown as { recent: { type: string }[] }
  expect(recent.map(({ type }) => type)).toEqual(['hard'])
  await team.end()
})
