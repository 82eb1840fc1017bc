import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routingDispatch } from '#env/routing-dispatch/entry.js'
import { calibratePipeline } from '../calibrate/calibrate-pipeline.js'
import { explainRequest } from '../explain/explain-request.js'
import { questionsIn } from '../pipeline/questions-in.js'
import { replayDispatch } from '../replay/replay-dispatch.js'
import { writePlannedBundle } from '../testing/planned-bundle.js'
import { openTeam } from './open-team.js'

const queues = {
  inbox: 2,
  limitSteps: null,
  types: [
    { name: 'track', value: 6, arrival: 0.4, loss: 1 },
    { name: 'price', value: 12, arrival: 0.3, loss: 2 },
  ],
  agents: ['orders', 'products'].map((name, i) => ({
    ...{ name, capacity: 2, skill: [0.9, 0.8], price: 1, service: 0.5, fail: 0.01, repair: 0.5 },
    types: [['track', 'price'][i]!],
  })),
}

const team = (dispatch: string) => `
name: shop
policy: { use: cheapest }
pipeline:
  environment:
    stages:
      - name: understand
        agents: [{ name: rules, price: 0, outcome: [[0.6, 0.3, 0.1], [0.3, 0.5, 0.2], [0.1, 0.3, 0.6]] }]
      - name: write
        agents: [{ name: desk, price: 0.1, outcome: [[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0, 0.2, 0.8]] }]
  agents:
    understand/rules: &rules
      use: understanding-rules
      intents:
        - { intent: track, patterns: ['where ... {order}'] }
        - { intent: price, patterns: ['much ... {product}'] }
      slots: [{ slot: order, shape: 'x-0000' }, { slot: product, words: [kettle, lamp] }]
    write/desk:
      use: specialists
      understand: *rules
      agents:
        orders: { types: [track], use: records, file: ./orders.json, key: number, slot: order, answers: { track: 'It is {status}.' } }
        products: { types: [price], use: records, file: ./products.json, key: name, slot: product, answers: { price: 'It costs {price}.' } }
      dispatch: ${dispatch}
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cadre-parts-'))
  writeFileSync(join(folder, 'orders.json'), JSON.stringify([{ number: 'A-1001', status: 'on its way' }]))
  writeFileSync(join(folder, 'products.json'), JSON.stringify([{ name: 'kettle', price: '29 euros' }]))
  writePlannedBundle(join(folder, 'policy'), routingDispatch, queues)
  mkdirSync(join(folder, 'empty'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const open = (dispatch: string) => {
  const file = join(folder, 'team.yaml')
  writeFileSync(file, team(dispatch))
  return openTeam(file, { env: {}, handOvers: join(folder, 'hand-overs.jsonl') })
}
const environment = JSON.stringify(queues)

describe('a team whose specialists have queues', () => {
  it.each([
    ['the optimum', `{ environment: ${environment} }`, 'optimal'],
    ['a rule', `{ policy: { use: margin-with-reserve }, environment: ${environment} }`, 'margin-with-reserve'],
    ['a trained policy', '{ policy: ./policy }', 'value-iteration'],
  ])('is led by %s, and its log tells all of it', async (_, dispatch, policy) => {
    const { answering, log } = await open(dispatch)
    const turns = [{ role: 'user' as const, text: 'where is A-1001 exactly and how much is the kettle' }]
    const asker = { key: null, model: 'shop', began: 0 }
    const limits = { signal: new AbortController().signal, deadline: performance.now() + 10_000 }
    const reply = await answering.answer({ ...asker, id: 'one', turns, session: null }, limits)
    await answering.close()
    expect(reply.end.found.drafts![0]).toMatchObject({
      agent: 'write/desk',
      text: 'It is on its way. It costs 29 euros.',
    })
    const reading = log()
    expect(reading.problems).toEqual([])
    expect([...questionsIn(reading).keys()]).toEqual(['one'])
    const choices = [...reading.requests].map(([id, { decisions }]) => [id, decisions[0]!.choice])
    expect(choices).toEqual(
      expect.arrayContaining([
        ['one#0', 'orders'],
        ['one#1', 'products'],
      ]),
    )
    expect(replayDispatch(reading)).toMatchObject([
      { policy, difference: null, agrees: true, interrupted: [], decisions: 2 },
    ])
    expect(explainRequest(reading, 'one').steps.map(({ stage }) => stage)).toContain('write')
    expect(() => explainRequest(reading, 'one#0')).toThrow(/cadre replay goes through it again/)
    expect(calibratePipeline(reading).questions).toBe(1)
  })

  it.each([
    [
      'a folder that is none',
      '{ policy: ./nowhere }',
      /team\.yaml:\d+:\d+: .*\.\/nowhere: there is no such file or folder/,
    ],
    [
      'a folder without a bundle',
      '{ policy: ./empty }',
      /dispatch\.policy: \.\/empty is no policy bundle: it has no policy\.json/,
    ],
    [
      'a team without an exact model',
      `{ environment: ${JSON.stringify({ ...queues, onDown: 'giveBack' })} }`,
      /dispatch\.environment\.onDown: optimal needs an exact model, and there is none: .*set onDown: keep/,
    ],
    [
      'a policy for another team',
      `{ policy: ./policy, environment: { patience: 9 } }`,
      /dispatch\.environment\.patience: the policy was trained with 3, got 9/,
    ],
  ])('is refused with %s', async (_, dispatch, message) => {
    await expect(open(dispatch)).rejects.toThrow(message)
  })
})
