import { describe, expect, it } from 'vitest'
import { isLoopback } from './loopback.js'
import { policyProblems, teamProblems, unencryptedAgents } from './team-problems.js'
import { teamSchema } from './team-schema.js'

const agent = (name: string, more: object = {}) => ({ name, endpoint: 'http://127.0.0.1:1/v1', ...more })
const team = (more: object = {}) =>
  teamSchema.parse({ name: 't', policy: 'bundle', agents: [agent('a'), agent('b')], ...more })
const problems = (more: object) => teamProblems(team(more)).map(({ path, message }) => `${path.join('.')}: ${message}`)
const refusals = (more: object) => {
  const result = teamSchema.safeParse({ name: 't', policy: 'bundle', agents: [agent('a')], ...more })
  return JSON.stringify(result.error?.issues ?? [])
}

describe('teamSchema', () => {
  it('fills in what a team leaves out', () => {
    expect(team()).toMatchObject({
      model: 'cadre',
      listen: { host: '127.0.0.1', port: 8080 },
      agents: [{ name: 'a', endpoint: 'http://127.0.0.1:1/v1', retries: 1, breaker: { failures: 5 } }, { name: 'b' }],
      keys: [],
      log: { file: './decisions.jsonl', text: false },
      exploration: { epsilon: 0 },
    })
  })

  it('takes a probe whose path is a path or a URL', () => {
    const probed = (probe: object) => team({ agents: [agent('a', { probe })] }).agents[0]!.probe
    expect(probed({})).toEqual({ path: '/models', everyMs: 5000, timeoutMs: 2000, down: 3, up: 1 })
    expect(probed({ path: 'http://127.0.0.1:9/live' })?.path).toBe('http://127.0.0.1:9/live')
    for (const path of ['models', 'ftp://x/', '', 'http://me:hunter2@x.example/', '/a b']) {
      expect(refusals({ agents: [agent('a', { probe: { path } })] })).toMatch(/expected a path that is added/)
      expect(refusals({ agents: [agent('a', { probe: { path } })] })).not.toContain('hunter2')
    }
  })

  it('never shows what may be a secret', () => {
    expect(refusals({ agents: [agent('a', { apiKey: 'hunter2' })] })).toMatch(/plain text; put it into an environment/)
    expect(refusals({ keys: [{ name: 'k', sha256: 'hunter2' }] })).toMatch(
      /got 7 characters of other text; make it with/,
    )
    expect(refusals({ agents: [agent('a', { endpoint: 'https://me:hunter2@x.example/v1' })] })).toMatch(
      /password in it/,
    )
    for (const more of [
      { agents: [agent('a', { apiKey: 'hunter2' })] },
      { keys: [{ name: 'k', sha256: 'hunter2' }] },
      { agents: [agent('a', { endpoint: 'https://me:hunter2@x.example/v1' })] },
    ]) {
      expect(refusals(more)).not.toContain('hunter2')
    }
  })

  it.each(['ftp://x.example/v1', 'x.example/v1', 'http://x.example', 'http://x.example/', 'http://x.example/v1#a'])(
    'refuses the endpoint %s',
    (endpoint) => {
      expect(refusals({ agents: [agent('a', { endpoint })] })).toMatch(/ends in \/v1/)
    },
  )
})

it.each([
  ['http://x.example/v1/', 'http://x.example/v1'],
  ['https://x.example/openai/deployments/y?api-version=1', 'https://x.example/openai/deployments/y?api-version=1'],
  ['https://x.example/api/v3', 'https://x.example/api/v3'],
])('takes the endpoint %s', (endpoint, kept) => {
  const team = teamSchema.parse({ name: 'test', policy: { use: 'round-robin' }, agents: [agent('a', { endpoint })] })
  expect(team.agents[0]!.endpoint).toBe(kept)
})

describe('teamProblems', () => {
  it.each([
    [{ agents: [agent('a'), agent('a')] }, /^agents\.1\.name: agent "a" stands twice/],
    [{ agents: [agent('cadre')] }, /^agents\.0\.name: "cadre" is the name of the team's model/],
    [{ deadlineMs: 1000 }, /^agents\.0\.timeoutMs: expected less than deadlineMs \(1000\)/],
    [{ policy: { use: 'always' } }, /^policy: always needs an agent: one of a, b/],
    [{ policy: { use: 'always', agent: 'aa' } }, /^policy\.agent: unknown agent "aa"; did you mean "a"\?/],
    [{ policy: { use: 'random', agent: 'a' } }, /^policy\.agent: random takes no agent/],
    [
      { listen: { host: '0.0.0.0' } },
      /^listen\.host: "0\.0\.0\.0" can be reached from other machines; name who may call/,
    ],
  ])('%#', (more, message) => {
    expect(problems(more)[0]).toMatch(message)
  })

  it('finds nothing wrong with a good team', () => {
    expect(problems({})).toEqual([])
    expect(problems({ listen: { host: '0.0.0.0' }, keys: [{ name: 'k', sha256: 'a'.repeat(64) }] })).toEqual([])
  })
})

describe('policyProblems', () => {
  it('refuses an agent that is the team itself', () => {
    const itself = { agents: [agent('a'), agent('b', { endpoint: 'http://localhost:8080/v1' })] }
    expect(problems(itself)).toEqual([
      expect.stringMatching(/^agents\.1\.endpoint: .*8080.* is where this team itself/),
    ])
    expect(problems({ ...itself, listen: { port: 8081 } })).toEqual([])
  })

  it('says which agents and actions have no counterpart', () => {
    expect(policyProblems(team(), ['b', 'a'])).toEqual([])
    const messages = (actions: readonly string[]) => policyProblems(team(), actions).map(({ message }) => message)
    expect(messages(['a', 'bee'])).toEqual(['unknown action of the policy "b"; did you mean "a"? (known: a, bee)'])
    expect(messages(['a', 'b', 'c'])).toEqual(['the policy chooses between a, b, c; no agent is named c'])
  })
})

describe('unencryptedAgents', () => {
  it('names those that keys and prompts travel to in the open', () => {
    const agents = [
      agent('a'),
      agent('b', { endpoint: 'http://10.0.0.1/v1' }),
      agent('c', { endpoint: 'https://x.example/v1' }),
    ]
    expect(unencryptedAgents(team({ agents }))).toEqual(['b'])
  })
})

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', 'a.localhost', '::1', '[::1]'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true)
  })
  it.each(['0.0.0.0', '10.0.0.1', '::', 'localhost.evil.example', '127.0.0.1.evil.example', ''])(
    '%s is not',
    (host) => {
      expect(isLoopback(host)).toBe(false)
    },
  )
})
