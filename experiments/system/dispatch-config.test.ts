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

/** Bundles of the example's team, and of a team of one's own. */
let bundle = ''
let ownBundle = ''
const own = () => ownBundle
beforeAll(async () => {
  const trained = async (environment: object) => {
    const { run, trials } = await train(
      {
        ...{ name: 'small', discount: 0.97, steps: 2000, seeds: 1, evaluation: { points: 1, episodes: 10 } },
        references: { optimum: false },
        environments: { desk: { use: 'routing-dispatch', observation: 'local-with-message', ...environment } },
        algorithms: { 'independent-q': {} },
      },
      { outDir: folder, workers: 0 },
    )
    return join(run, 'trials', trials[0]!.id, 'policy')
  }
  bundle = await trained({})
  const service = { quantiles: [[0.5, 60]] as [number, number][] }
  const agent = { capacity: 2, skill: [0.9, 0.5], price: 4, service, fail: 0.01, repair: 0.2 }
  ownBundle = await trained({
    ...{ tickMs: 50, conflict: 3, patience: 2 },
    types: [
      { name: 'A', value: 6, arrival: 0.4, loss: 1 },
      { name: 'B', value: 12, arrival: 0.3, loss: 2 },
    ],
    agents: ['tiny', 'mid', 'big'].map((name) => ({ name, ...agent })),
  })
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

/** Three agents of other names, with the queues of the example's. */
const named = `[${['tiny', 'mid', 'big']
  .map(
    (name, i) =>
      `{ name: ${name}, capacity: ${[3, 2, 2][i]}, skill: [1, 1], price: 0, service: 1, fail: 0, repair: 1 }`,
  )
  .join(', ')}]`

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
      /^team\.yaml:3:\d+: dispatch\.environment: the policy is for agent-0, agent-1, agent-2 with queries of type A, B; this is a team of agent-0, agent-1 with queries of type A, B; train it for this team, or leave this out$/,
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
      'a bundle for another team, in one line',
      () =>
        team(
          bundle,
          `{ environment: { types: [{ name: code, value: 1, arrival: 0, loss: 0 }], agents: ${named.replaceAll('[1, 1]', '[1]')} } }`,
          agents('tiny', 'mid', 'big'),
        ),
      /^team\.yaml:3:\d+: dispatch\.environment: the policy is for agent-0, agent-1, agent-2 with queries of type A, B; this is a team of tiny, mid, big with queries of type code; train it for this team, or leave this out$/,
    ],
    [
      'a bundle for another team that does not say its own environment, in one line',
      () => team(bundle, '{}', agents('tiny', 'mid', 'big', 'huge')),
      /^team\.yaml:4:\d+: agents: the policy is for agent-0, agent-1, agent-2; the team has tiny, mid, big, huge; name them alike$/,
    ],
    [
      'a rule for a team that does not say its own environment',
      () => team('{ use: random }', '{}', agents('tiny', 'mid')),
      /^team\.yaml:4:\d+: agents: without dispatch\.environment\.agents the team is that of an example: agent-0, agent-1, agent-2; the team has tiny, mid; describe its agents there$/,
    ],
    [
      'a bundle for other encodings',
      () => team(bundle, '{ environment: { encoding: one-hot } }'),
      /^team\.yaml:3:\d+: dispatch\.environment\.encoding: the policy was trained with "numbers", got "one-hot"; train it anew, or leave this out$/,
    ],
    [
      'types beside the agents of a bundle, which have other skills',
      () => team(own(), `{ environment: { types: [{ name: A, value: 6, loss: 1 }] } }`, agents('tiny', 'mid', 'big')),
      /^team\.yaml:3:\d+: dispatch\.environment: expected 1 skills, one a query type, got 2 \(in what the policy was trained with: agents\.0\.skill\)\n/,
    ],
    [
      'a reward that is no expression',
      () => team('{ use: random }', '{ environment: { reward: value - coste } }'),
      /^team\.yaml:3:\d+: dispatch\.environment\.reward: expression "value - coste": "coste" is not a quantity; did you mean "cost"\? \(names: [^)]+\)$/,
    ],
    [
      'decisions at events where the reward depends on where time is cut',
      () => team('{ use: random }', `\n  decide: events\n  environment:\n    reward: value - cost - queued ^ 2 / 10\n`),
      /^team\.yaml:6:13: dispatch\.environment\.reward: decisions at events need a reward that is a weighted sum of quantities, since time may be cut anywhere, got "value - cost - queued \^ 2 \/ 10"; write it as one, or set dispatch\.decide: ticks$/,
    ],
    [
      'decisions at events with a reward for each of them',
      () => team('{ use: random }', '{ decide: events, environment: { reward: value - cost + 1 } }'),
      /^team\.yaml:3:\d+: dispatch\.environment\.reward: decisions at events need .*, got "value - cost \+ 1"/,
    ],
    [
      'decisions at something else',
      () => team('{ use: random }', '{ decide: arrivals }'),
      /^team\.yaml:3:\d+: dispatch\.decide: .*"ticks".*"events".*"arrivals"/,
    ],
    [
      'the optimum of a team without an exact model, all causes at once',
      () =>
        team(
          '{ use: optimal }',
          `\n  environment:\n    onDown: giveBack\n    offersPerTick: 2\n    arrivals: { kind: trace, file: a.csv }\n`,
        ),
      /^team\.yaml:5:13: dispatch\.environment\.onDown: optimal needs an exact model, and there is none: with onDown giveBack .*; set onDown: keep, or lead the team by a rule or a bundle\nteam\.yaml:6:20: dispatch\.environment\.offersPerTick: .*; set offersPerTick: 1, or .*\nteam\.yaml:7:5: dispatch\.environment\.arrivals: .*recorded arrivals depend on the time; set arrivals: \{ kind: poisson \}, or .*$/,
    ],
    [
      'the optimum of a team with latency quantiles',
      () =>
        team(
          '{ use: optimal }',
          `\n  environment:\n    agents:\n      - { capacity: 1, skill: [1, 1], price: 0, service: { quantiles: [[0.5, 100], [0.9, 300]] }, fail: 0, repair: 1 }\n`,
          agents('agent-0'),
        ),
      /^team\.yaml:6:\d+: dispatch\.environment\.agents\.0\.service: .*by latency quantiles.*; give services as a chance a tick, or by one quantile, or lead/,
    ],
    [
      'a bundle for a team with queues in a team without them',
      () => `name: t\npolicy: ${bundle}\nagents: [${three}]\n`,
      /^team\.yaml:2:\d+: policy: this bundle is for a team with queues: add `dispatch: \{ tickMs: 1000 \}`, or serve a policy trained on texts$/,
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
      /^team\.yaml:3:\d+: dispatch\.environment: no agent takes queries of type "B"; add it to the types of one \(in the defaults: types\.1\)$/,
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
  it('keeps what its policy was trained with, but for what the file says', async () => {
    const { lead } = await load(team(own(), '{ environment: { hold: 2, wait: 0.5 } }', agents('tiny', 'mid', 'big')))
    expect(lead).toMatchObject({
      kind: 'dispatch',
      config: {
        ...{ hold: 2, wait: 0.5, conflict: 3, observation: 'local-with-message', patience: 2 },
        agents: [{ name: 'tiny', price: 4 }, { name: 'mid' }, { name: 'big' }],
      },
    })
  })

  it('remarks on seats that nobody has, recordings that are not read, and ticks that the policy was not trained with', async () => {
    const remarks = async (...parts: [string, string, string?]) => (await load(team(...parts))).remarks
    expect(await remarks(bundle, '{ tickMs: 1000 }')).toEqual([])
    const shorter =
      'the policy was trained with ticks of 1000 ms, and a tick lasts 20 ms here: arrivals, services, failures, repairs and patience, which it knows by the tick, stand for other times; set dispatch.tickMs: 1000, or train it anew with tickMs: 20'
    expect(await remarks(bundle, '{ tickMs: 20 }')).toEqual([shorter])
    expect(await remarks(bundle, '{ environment: { tickMs: 20 } }')).toEqual([shorter])
    expect(await remarks('{ use: random }', '{ tickMs: 20 }')).toEqual([])
    const trace = '{ environment: { arrivals: { kind: trace, file: none.csv } } }'
    expect(await remarks('{ use: random }', trace, agents('agent-1'))).toEqual([
      'nobody has these seats, which count as down: agent-0, agent-2',
      'queries come from clients here: the recorded arrivals of none.csv are not read',
    ])
    expect(await remarks(own(), '{}', agents('tiny', 'mid', 'big'))).toEqual([])
    expect(await remarks(own(), '{ tickMs: 500 }', agents('tiny', 'mid', 'big'))).toEqual([
      'the policy was trained with ticks of 50 ms, and a tick lasts 500 ms here: agents whose speed is given by latency quantiles are others to it; set dispatch.tickMs: 50, or train it anew with tickMs: 500',
    ])
  })

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
