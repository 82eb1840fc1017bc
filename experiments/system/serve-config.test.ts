import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { sentences, textPolicy } from '#agents/testing/text-policy.js'
import { refusedCommand, refusedWithoutTrace } from '../testing/provoked.js'
import { writeTextBundle } from '../testing/text-bundle.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-team-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeTextBundle(join(folder, 'bundle'), textPolicy(['small', 'large']))
writeTextBundle(join(folder, 'altered'), textPolicy(['small', 'large']))
const policyJson = join(folder, 'altered/policy.json')
writeFileSync(policyJson, readFileSync(policyJson, 'utf8').replace('"small"', '"smell"'))
mkdirSync(join(folder, 'empty'))
const made = textPolicy(['small', 'large'])
writeTextBundle(join(folder, 'no-encoder'), made, null)
writeTextBundle(join(folder, 'by-group'), made, { ...made.fitted, fields: ['text', 'group'] })
const other = textPolicy(['small', 'large'], sentences(20, 'other'))
writeTextBundle(join(folder, 'other-encoder'), made, other.fitted)

const good = `name: two
policy: ./bundle
agents:
  - name: small
    endpoint: http://127.0.0.1:9/v1
  - name: large
    endpoint: https://models.example/v1
`

/** What `cadre serve` says of a team file, without the folder's name. */
async function refused(yaml: string, ...argv: string[]): Promise<string> {
  const file = join(folder, 'team.yaml')
  writeFileSync(file, yaml)
  return (await refusedWithoutTrace(folder, ['serve', file, '--port', '0', ...argv])).replaceAll(`${folder}/`, '')
}

const change = (from: string | RegExp, to: string) => {
  const changed = good.replace(from, to)
  if (changed === good) throw new Error(`nothing of ${from} in the team file`)
  return changed
}

describe('a team file that is wrong is refused, located, before anything starts', () => {
  it.each([
    [
      change('name: large', 'name: small'),
      'team.yaml:6:11: agents.1.name: agent "small" stands twice; rename or remove one',
    ],
    [
      change('https://models.example/v1', 'ftp://models.example/v1'),
      'team.yaml:7:15: agents.1.endpoint: expected a URL that starts with http:// or https:// and ends in /v1, got "ftp://models.example/v1"',
    ],
    [
      change('https://models.example/v1', 'https://models.example:99177/v1'),
      'team.yaml:7:15: agents.1.endpoint: port 99177 is above 65535, the highest; got "https://models.example:99177/v1"',
    ],
    [
      change('https://models.example/v1', 'https://models.example'),
      'team.yaml:7:15: agents.1.endpoint: expected a URL that ends in /v1, got "https://models.example"',
    ],
    [
      change('name: large', 'name: larg'),
      'team.yaml:6:11: agents.1.name: unknown action of the policy "larg"; did you mean "large"? (known: small, large)',
    ],
    [
      `${good}  - { name: third, endpoint: 'http://127.0.0.1:9/v1' }\n`,
      'team.yaml:8:13: agents.2.name: unknown action of the policy "third" (known: small, large)',
    ],
    [`${good}deadlinMs: 5\n`, 'team.yaml:8:1: deadlinMs: unknown key; did you mean "deadlineMs"?'],
    [`${good}    timeoutMS: 5\n`, 'team.yaml:8:5: agents.1.timeoutMS: unknown key; did you mean "timeoutMs"?'],
    [
      `${good}keys: [{ name: ci, sha256: my-secret-key }]\n`,
      'team.yaml:8:28: keys.0.sha256: expected the sha256 of the key, 64 hex digits, got 13 characters of other text; make it with: printf %s "$KEY" | sha256sum',
    ],
    [
      `${good}    apiKey: sk-my-secret-key\n`,
      'team.yaml:8:13: agents.1.apiKey: a key in plain text; put it into an environment variable and name that: apiKey: { env: NAME }',
    ],
    [
      `${good}    apiKey: { env: CADRE_TEST_NOT_SET }\n`,
      'team.yaml:8:20: agents.1.apiKey.env: the environment variable CADRE_TEST_NOT_SET is not set; export it before you serve',
    ],
    [
      `${good}listen: { host: 0.0.0.0 }\n`,
      'team.yaml:8:17: listen.host: "0.0.0.0" can be reached from other machines; name who may call: keys: [{ name, sha256 }], or listen on 127.0.0.1',
    ],
    [
      change('./bundle', 'round-robin'),
      'team.yaml:2:9: policy: "round-robin" is a rule, not a folder; write policy: { use: round-robin }',
    ],
    [
      change('./bundle', '{ use: rond-robin }'),
      'team.yaml:2:16: policy.use: expected one of "round-robin", "random", "always", got "rond-robin"; did you mean "round-robin"?',
    ],
  ])('%#', async (yaml, message) => {
    expect((await refused(yaml)).split('\n')).toContain(message)
  })

  it.each([
    ['./empty', /team\.yaml:2:9: policy: empty: has no policy\.json, so it is no policy bundle; give the folder/],
    ['./no-encoder', /team\.yaml:2:9: policy: policy bundle: it has no encoder, and prompts are text; serve a policy/],
    ['./by-group', /team\.yaml:2:9: policy: policy bundle: its encoder reads text, group; a request has its text only/],
    [
      './other-encoder',
      /team\.yaml:2:9: policy: other-encoder: policy bundle: made for an agent that reads \d+ features/,
    ],
    ['./altered', /team\.yaml:2:9: policy: altered: policy bundle: the sha256 does not match/],
  ])('a bundle: %s', async (bundle, message) => {
    expect(await refused(change('./bundle', bundle))).toMatch(message)
  })

  it('says everything at once, in the order of the file', async () => {
    const yaml = `${change('name: large', 'name: small')}listen: { host: 0.0.0.0 }\n`
    const lines = (await refused(yaml)).split('\n').map((line) => line.replace(/: .*/, ''))
    expect(lines).toEqual(['team.yaml:3:1', 'team.yaml:6:11', 'team.yaml:8:17'])
  })

  it('options of the command line are named where they are wrong', async () => {
    expect(await refused(good, '--host', '0.0.0.0')).toMatch(
      /^--host 0\.0\.0\.0: listen\.host: "0\.0\.0\.0" can be reached/,
    )
    expect((await refusedCommand('serve', join(folder, 'team.yaml'), '--port', '65536')).message).toMatch(
      /Expected an integer 0\.\.65535/,
    )
  })

  it('a port that is in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    writeFileSync(join(folder, 'team.yaml'), good)
    const failure = await refusedCommand('serve', join(folder, 'team.yaml'), '--port', String(port))
    expect(failure).toMatchObject({ exitCode: 2, code: 'ERR_CONFIG' })
    expect(failure.message).toBe(
      `--port ${port}: listen.port: port ${port} of 127.0.0.1 is in use; choose another: --port`,
    )
    await new Promise((resolve) => server.close(resolve))
  })

  it('a log that is a file of something else, left as it is', async () => {
    for (const content of ['{"one":"line"}', '{"one":"line"}\nand more']) {
      writeFileSync(join(folder, 'precious.json'), content)
      expect(await refused(`${good}log: { file: ./precious.json }\n`)).toBe(
        'team.yaml:8:14: log.file: precious.json: expected a decision log, found a file of something else; name another: log.file',
      )
    }
  })

  it('a log that another gateway writes, by whatever name', async () => {
    writeFileSync(join(folder, 'team.yaml'), good)
    const { serve, lineLogger } = await import('../serve/serve.js')
    const { loadTeam } = await import('../serve/load-team.js')
    const silent = lineLogger(() => undefined)
    const first = await serve(await loadTeam(join(folder, 'team.yaml'), { port: 0, env: {} }), silent)
    symlinkSync(folder, join(folder, 'here'))
    const message = await refused(`${good}log: { file: ./here/decisions.jsonl }\n`)
    expect(message).toMatch(
      /^decisions\.jsonl\.lock: process \d+ on .* writes this decision log; name another: log\.file/,
    )
    await first.stop()
    const second = await serve(await loadTeam(join(folder, 'team.yaml'), { port: 0, env: {} }), silent)
    await second.stop()
    for (const one of ['here', 'decisions.jsonl']) rmSync(join(folder, one))
  })

  it('log and port of a team whose optimum takes long, before it is solved', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    // Solving it would tell so, and take minutes.
    const large = `name: t\npolicy: { use: optimal }\ndispatch: { environment: { instance: six-agents, inbox: 2 } }
agents: [{ name: agent-0, endpoint: 'http://127.0.0.1:9/v1' }]\n`
    writeFileSync(join(folder, 'team.yaml'), `${large}log: { file: /nope/d.jsonl }\n`)
    const folderless = await refusedCommand('serve', join(folder, 'team.yaml'))
    expect(folderless.exitCode).toBe(2)
    expect(folderless.message).toMatch(/team\.yaml:5:14: log\.file: the folder \/nope does not exist; make it$/)
    writeFileSync(join(folder, 'team.yaml'), large)
    const taken = await refusedCommand('serve', join(folder, 'team.yaml'), '--port', String(port))
    expect(taken.message).toBe(
      `--port ${port}: listen.port: port ${port} of 127.0.0.1 is in use; choose another: --port`,
    )
    await new Promise((resolve) => server.close(resolve))
  })

  it('a log that cannot be written', async () => {
    writeFileSync(join(folder, 'team.yaml'), `${good}log: { file: ./none/decisions.jsonl }\n`)
    expect(await refusedCommand('serve', join(folder, 'team.yaml'))).toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringMatching(/team\.yaml:\d+:\d+: log\.file: the folder \/.*\/none does not exist; make it$/),
    })
  })
})

describe('names that every object answers to', () => {
  const load = async (yaml: string, env: Record<string, string>) => {
    const { loadTeam } = await import('../serve/load-team.js')
    writeFileSync(join(folder, 'team.yaml'), yaml)
    return loadTeam(join(folder, 'team.yaml'), { port: 0, env })
  }
  const named = (name: string, variable: string) =>
    `{ name: t, policy: { use: random }, agents: [{ name: ${name}, endpoint: 'http://127.0.0.1:9/v1', apiKey: { env: ${variable} } }] }`

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    '%s: an agent with a key of its own',
    async (name) => {
      const { apiKeys } = await load(named(name, 'KEY'), { KEY: 'sk-1' })
      expect(Object.entries(apiKeys)).toEqual([[name, 'sk-1']])
    },
  )

  it.each(['constructor', '__proto__', 'toString'])('%s: a variable that is not set', async (variable) => {
    await expect(load(named('a', variable), {})).rejects.toThrowError(`the environment variable ${variable} is not set`)
  })

  it.each(['constructor', '__proto__', 'toString'])('%s: a policy ranks a model of that name', async (name) => {
    writeTextBundle(join(folder, `of-${name}`), textPolicy([name, 'other']))
    const agents = [name, 'other'].map((one) => `{ name: ${one}, endpoint: 'http://127.0.0.1:9/v1' }`)
    const { team, lead } = await load(`{ name: t, policy: ./of-${name}, agents: [${agents.join(', ')}] }`, {})
    expect(team.agents.map((agent) => agent.name)).toEqual([name, 'other'])
    expect(lead.kind === 'router' && [...lead.ranker.rank('What?').order].sort()).toEqual([0, 1])
  })
})

describe('proxies', () => {
  const env = { HTTPS_PROXY: 'socks5://me:hunter2@proxy:1', http_proxy: 'proxy:3128', NO_PROXY: 'a,b' }
  const load = async (more: Record<string, string>) => {
    const { loadTeam } = await import('../serve/load-team.js')
    writeFileSync(join(folder, 'team.yaml'), good)
    return loadTeam(join(folder, 'team.yaml'), { port: 0, env: { ...env, ...more } })
  }

  it('are those of the environment', async () => {
    const { proxies } = await load({ HTTPS_PROXY: 'https://proxy:1' })
    expect(proxies).toEqual({ http: 'http://proxy:3128/', https: 'https://proxy:1/', except: 'a,b' })
  })

  it('that are none are refused by the name of their variable', async () => {
    await expect(load({})).rejects.toThrowError(
      /^the environment variable HTTPS_PROXY names no proxy; expected http:\/\/HOST:PORT, or unset it$/,
    )
  })
})
