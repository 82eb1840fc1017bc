import { expect, it } from 'vitest'
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
  team.dispatcher.adopt(dearer, claiming([1]))
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
  team.dispatcher.adopt(routingDispatchConfig.parse({ ...environment, hold: 1.5 }), claiming([1]))
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
    expect(() => team.dispatcher.adopt(config, claiming([1]))).toThrowError(/expected rules of the same team/)
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
  expect(() => team.dispatcher.adopt(skilled([0.9, 0.8]), claiming([1]))).toThrowError(
    'expected rules of the same team: who is good at what is [[true,false],[true,false]], got [[true,true],[true,true]]',
  )
  team.dispatcher.adopt(skilled([0.7, 0.6]), claiming([1]))
  await team.ticks(1)
  await team.end()
})

it('a policy found meanwhile takes over from the one that came with new numbers, also where they wait for their tick', async () => {
  const team = await startDispatched(['ok', 'ok'], claiming([0]))
  team.dispatcher.adopt(routingDispatchConfig.parse({ ...environment, hold: 1.5 }), claiming([0]))
  team.dispatcher.lead(claiming([1]))
  const asked = await team.ask('easy')
  expect(await team.answersOf([asked])).toEqual([200])
  expect((await asked.answer).headers.get('x-cadre-agent')).toBe('b')
  await team.end()
})
