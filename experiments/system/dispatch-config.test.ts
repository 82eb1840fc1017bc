import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { textPolicy } from '#agents/testing/text-policy.js'
import { instances } from '#env/routing-dispatch/config.js'
import { train } from '../code-first.js'
import { loadTeam } from '../serve/load-team.js'
import { writeTextBundle } from '../testing/text-bundle.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-dispatch-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

let bundle = ''
beforeAll(async () => {
  const { run, trials } = await train(
    {
      ...{ name: 'small', discount: 0.97, steps: 2000, seeds: 1, evaluation: { points: 1 } },
      references: { optimum: false },
      environments: { desk: { use: 'routing-dispatch', observation: 'local-with-message' } },
      algorithms: { 'independent-q': {} },
    },
    { outDir: folder, workers: 0 },
  )
  bundle = join(run, 'trials', trials[0]!.id, 'policy')
  writeTextBundle(join(folder, 'kinds'), textPolicy(['B', 'A']))
  writeTextBundle(join(folder, 'others'), textPolicy(['B', 'C']))
})

const agents = (...names: string[]) =>
  names.map((name) => `{ name: ${name}, endpoint: 'http://127.0.0.1:9/v1' }`).join(', ')
const three = agents('agent-0', 'agent-1', 'agent-2')

function team(policy: string, dispatch: string, list: string = three): string {
  return `name: t\npolicy: ${policy}\ndispatch: ${dispatch}\nagents: [${list}]\n`
}

function load(yaml: string) {
  const place = join(folder, 'team')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'team.yaml'), yaml)
  return loadTeam(join(place, 'team.yaml'), { env: {}, entropy: () => 0 })
}

async function refused(yaml: string): Promise<string> {
  const error = await load(yaml).then(
    () => new Error('it was not refused'),
    (problem: Error) => problem,
  )
  return error.message.replaceAll(`${join(folder, 'team')}/`, '')
}

const pair = `[{ capacity: 1, skill: [1, 1], price: 0, service: 1, fail: 0, repair: 1 }, { capacity: 1, skill: [1, 1], price: 0, service: 1, fail: 0, repair: 1 }]`

describe('a dispatched team that is wrong is refused, located, before anything starts', () => {
  it.each([
    [
      'a bundle for another team size',
      () =>
        team(
          bundle,
          `{ environment: { observation: local-with-message, agents: ${pair} } }`,
          agents('agent-0', 'agent-1'),
        ),
      /^team\.yaml:3:\d+: dispatch\.environment\.agents: the policy was trained for 3 agents, got 2; train it anew/,
    ],
    [
      'a bundle for other observations',
      () => team(bundle, '{ environment: { observation: own } }'),
      /^team\.yaml:3:\d+: dispatch\.environment\.observation: the policy was trained with "local-with-message", got "own"; train it anew/,
    ],
    [
      'a bundle for other queues',
      () => {
        const longer = instances['three-agents'].agents.map((agent, i) => (i === 1 ? { ...agent, capacity: 4 } : agent))
        const environment = { observation: 'local-with-message', agents: longer }
        return team(bundle, JSON.stringify({ environment }))
      },
      /^team\.yaml:3:\d+: dispatch\.environment\.agents\.1\.capacity: the policy was trained with 2, got 4; train it anew/,
    ],
    [
      'an agent without a seat',
      () => team('{ use: optimal }', '{}', agents('agent-0', 'agent-1', 'agent-2', 'agent-3')),
      /^team\.yaml:4:\d+: agents\.3\.name: unknown seat of the team "agent-3"/,
    ],
    [
      'two agents of one name',
      () => team('{ use: optimal }', '{}', agents('agent-0', 'agent-0')),
      /^team\.yaml:4:\d+: agents\.1\.name: agent "agent-0" stands twice/,
    ],
    [
      'types nobody serves',
      () =>
        team(
          '{ use: optimal }',
          `{ environment: { agents: [{ capacity: 1, skill: [1, 1], price: 0, service: 1, fail: 0, repair: 1, types: [A] }] } }`,
          agents('agent-0'),
        ),
      /dispatch\.environment\.types\.1: no agent takes queries of type "B"/,
    ],
    [
      'types whose agents are absent',
      () =>
        team(
          '{ use: optimal }',
          `{ environment: { agents: [{ name: a, capacity: 1, skill: [1, 1], price: 0, service: 1, fail: 0, repair: 1, types: [A] }, { name: b, capacity: 1, skill: [1, 1], price: 0, service: 1, fail: 0, repair: 1 }] } }`,
          agents('a'),
        ),
      /^team\.yaml:4:\d+: agents: no agent of the team takes queries of type "B"; add one that does/,
    ],
    [
      'negative rates',
      () => team('{ use: optimal }', `{ environment: { types: [{ name: A, value: 1, arrival: -0.1, loss: 1 }] } }`),
      /dispatch\.environment\.types\.0\.arrival: expected .*0.*, got -0\.1/,
    ],
    [
      'an unknown rule',
      () => team('{ use: margin-minus-dely }', '{}'),
      /^team\.yaml:2:\d+: policy\.use: unknown rule "margin-minus-dely".*margin-minus-delay/,
    ],
    [
      'a rule of a router',
      () => team('{ use: round-robin }', '{}'),
      /^team\.yaml:2:\d+: policy\.use: unknown rule "round-robin"/,
    ],
    [
      'a type rule for an unknown type',
      () => team('{ use: random }', '{ typeRules: [{ match: refund, type: C }] }'),
      /^team\.yaml:3:\d+: dispatch\.typeRules\.0\.type: unknown query type "C"/,
    ],
    [
      'a rule that is no regular expression',
      () => team('{ use: random }', '{ typeRules: [{ match: "(", type: A }] }'),
      /^team\.yaml:3:\d+: dispatch\.typeRules\.0\.match: Invalid regular expression/,
    ],
    [
      'a classifier of other types',
      () => team('{ use: random }', '{ typePolicy: ../others }'),
      /^team\.yaml:3:\d+: dispatch\.typePolicy: expected a policy that chooses between the query types A, B, got one for B, C/,
    ],
    [
      'a text policy in the place of a dispatch policy',
      () => team('../kinds', '{}'),
      /^team\.yaml:2:\d+: policy: policy bundle: it was trained in .*takes one of routing-dispatch/,
    ],
  ])('%s', async (_, yaml, message) => {
    expect(await refused(yaml())).toMatch(message)
  })
})

describe('a dispatched team that fits', () => {
  it('has the environment of its bundle, with ticks of its own length', async () => {
    const { lead, policy } = await load(team(bundle, '{ tickMs: 5 }'))
    expect(policy.name).toBe('independent-q')
    expect(lead).toMatchObject({
      kind: 'dispatch',
      config: { observation: 'local-with-message', tickMs: 5, limitSteps: null },
      seats: [0, 1, 2],
    })
  })

  it('may lack agents: their seats are empty; and lists them in any order', async () => {
    const { lead } = await load(team('{ use: margin-minus-delay }', '{}', agents('agent-2', 'agent-0')))
    expect(lead).toMatchObject({ kind: 'dispatch', seats: [1, null, 0] })
  })

  it('tells types by a classifier, under their own numbers', async () => {
    const { lead } = await load(team('{ use: random }', '{ typePolicy: ../kinds }'))
    if (lead.kind !== 'dispatch') throw new Error('expected a dispatcher')
    const direct = textPolicy(['B', 'A'])
    expect(direct.spec.agents[0]!.action).toMatchObject({ labels: expect.arrayContaining(['B', 'A']) })
    expect([...lead.classifier!.rank('What?').order].sort()).toEqual([0, 1])
  })
})
