import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { CartPole } from '#env/cart-pole/cart-pole.js'
import { allocateSlots } from '#env/slot.js'
import type { FailureDocument } from '../failure.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'
import type { VerifyDocument } from './verify.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-verify-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Two episodes of four steps, as the environment plays them. */
function recorded() {
  const env = new CartPole()
  const slot = allocateSlots(env.spec, 1).rows[0]!
  env.bind(slot)
  const episodes = [0, 0.02].map((theta) => {
    const initial = { state: [0, 0, theta, 0] }
    env.injectInitial(initial)
    const steps = [1, 0, 1, 1].map((action) => {
      env.step(Int32Array.of(action))
      const state: { state?: number[] } = { state: env.saveState().state as number[] }
      return {
        actions: [action],
        rewards: [1],
        observations: [[...slot.observation]],
        terminated: false,
        truncated: false,
        state,
      }
    })
    return { initial, initialObservations: [[0, 0, theta, 0]], steps }
  })
  return {
    format: 'cadre-trace/1',
    env: 'cart-pole',
    config: { maxSteps: 500 },
    source: 'a test',
    tolerance: 1e-6,
    episodes,
  }
}

type Recorded = ReturnType<typeof recorded>

/** Writes a trace with one thing changed. */
function written(name: string, change: (trace: Recorded) => unknown = () => undefined): string {
  const trace = recorded()
  change(trace)
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(trace))
  return path
}

async function cadre(...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo()
  return { code: await main(argv, io), io }
}

describe('cadre verify', () => {
  it('ends with 0 when all traces replay', async () => {
    const paths = [written('one.trace.json'), written('two.trace.json')]
    const { code, io } = await cadre('verify', ...paths)
    expect([code, io.err]).toEqual([0, ''])
    expect(io.out).toBe(paths.map((path) => `ok        ${path}: cart-pole, 2 episodes, 8 steps\n`).join(''))
  })

  it('ends with 1 at a divergence, and says where the first one is', async () => {
    const good = written('good.trace.json')
    const bad = written('bad.trace.json', ({ episodes }) => {
      episodes[1]!.steps[2]!.rewards[0] = 0.5
      episodes[1]!.steps[3]!.rewards[0] = 0.5
    })
    const { code, io } = await cadre('verify', bad, good)
    expect(code).toBe(1)
    expect(io.out.split('\n')).toEqual([
      `DIVERGES  ${bad}: episode 1, step 2, cart, reward: expected 0.5, got 1`,
      `ok        ${good}: cart-pole, 2 episodes, 8 steps`,
      '',
    ])
    const json = await cadre('verify', '--json', bad, good)
    expect(json.code).toBe(1)
    expect(json.io.json<VerifyDocument>()).toEqual({
      ok: false,
      files: [
        {
          file: bad,
          env: 'cart-pole',
          ok: false,
          episodes: 2,
          steps: 8,
          divergence: { episode: 1, step: 2, agent: 'cart', field: 'reward', expected: 0.5, got: 1 },
          error: null,
        },
        { file: good, env: 'cart-pole', ok: true, episodes: 2, steps: 8, divergence: null, error: null },
      ],
    })
  })

  it('sees any recorded number that is off by more than the tolerance', async () => {
    const places: [string, (trace: Recorded) => void][] = [0, 1].flatMap((e) =>
      [0, 1, 2, 3].flatMap((t) =>
        [0, 1, 2, 3].flatMap((k): [string, (trace: Recorded) => void][] => [
          [
            `episode ${e}, step ${t}, cart, observation[${k}]`,
            ({ episodes }) => (episodes[e]!.steps[t]!.observations[0]![k]! += 2e-6),
          ],
          [
            `episode ${e}, step ${t}, state.state[${k}]`,
            ({ episodes }) => (episodes[e]!.steps[t]!.state.state![k]! -= 2e-6),
          ],
        ]),
      ),
    )
    for (const [place, change] of places) {
      const { code, io } = await cadre('verify', written('off.trace.json', change))
      expect([code, io.out]).toEqual([1, expect.stringContaining(`${place}: expected`)])
    }
  })

  it('compares only what the trace holds', async () => {
    const sparse = written('sparse.trace.json', ({ episodes }) => {
      for (const { steps } of episodes) for (const step of steps) step.state = {}
    })
    expect((await cadre('verify', sparse)).code).toBe(0)
  })

  it('takes settings from the trace', async () => {
    const short = written('short.trace.json', ({ config }) => (config.maxSteps = 3))
    const { code, io } = await cadre('verify', short)
    expect([code, io.out]).toEqual([
      1,
      expect.stringContaining('episode 0, step 2, truncated: expected false, got true'),
    ])
  })
})

describe("traces of a user's own environment", () => {
  /** A counter that an action is added to, drawn upwards by what an event says; ends at 5. */
  const counter = (entry: string) => `import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
const spec = {
  id: 'counter', version: '1', numStates: 0, stateSize: 0, quantities: [], limitSteps: null,
  agents: [{ name: 'one', observation: { size: 1, low: 0, high: 9 }, action: { kind: 'discrete', n: 3 }, numObservations: 0 }],
  score: { aggregate: 'shared', over: 'episode' },
}
const create = () => ({
  spec, count: 0, drawn: 0,
  bind(slot) { this.slot = slot; slot.alive.fill(1); slot.mask.fill(1) },
  write() { this.slot.observation[0] = this.count; this.slot.terminated[0] = this.count >= 5 ? 1 : 0 },
  injectInitial({ count }) { this.count = count; this.write() },
  applyEvents({ drawn }) { this.drawn = drawn },
  step(actions) { this.count += actions[0] + this.drawn; this.slot.reward[0] = actions[0]; this.write() },
  saveState() { return { count: this.count } },
})
const number = z.int().min(0)
const trace = {
  initial: z.strictObject({ count: number }),
  state: z.strictObject({ count: number }).partial(),
  events: z.strictObject({ drawn: number }),
}
export default { name: 'counter', version: '1', create${entry} }
`
  const file = (name: string, entry: string) => {
    const path = join(folder, name)
    writeFileSync(path, counter(entry))
    return path
  }
  const steps = [
    { actions: [2], rewards: [2], observations: [[3]], terminated: false, truncated: false, events: { drawn: 1 } },
    { actions: [1], rewards: [1], terminated: true, truncated: false, state: { count: 5 } },
  ]
  const trace = (change: object = {}) => {
    const path = join(folder, 'counter.trace.json')
    const episodes = [{ initial: { count: 0 }, steps }]
    const whole = { format: 'cadre-trace/1', env: 'counter', config: {}, source: 'by hand', tolerance: 0, episodes }
    writeFileSync(path, JSON.stringify({ ...whole, ...change }))
    return path
  }

  it('replay with --env FILE, beside those of environments that ship', async () => {
    const env = file('counter.mjs', ', trace')
    const { code, io } = await cadre('verify', '--env', env, trace(), written('beside.trace.json'))
    expect([code, io.err]).toEqual([0, ''])
    expect(io.out).toMatch(/ok +.*counter\.trace\.json: counter, 1 episodes, 2 steps\nok +.*cart-pole/)
    const off = trace({ episodes: [{ initial: { count: 0 }, steps: [{ ...steps[0]!, events: { drawn: 2 } }] }] })
    const diverging = await cadre('verify', '--env', env, off)
    expect(diverging.code).toBe(1)
    expect(diverging.io.out).toContain('episode 0, step 0, one, observation[0]: expected 3, got 4')
    const malformed = await cadre('verify', '--env', env, trace({ episodes: [{ initial: { count: -1 }, steps }] }))
    expect([malformed.code, malformed.io.err]).toEqual([2, expect.stringContaining('episodes.0.initial.count')])
    const unknown = await cadre('verify', trace())
    expect([unknown.code, unknown.io.err]).toEqual([2, expect.stringContaining('env: unknown environment "counter"')])
  })

  const own = (change: string) => `, trace }; const make = create; const broken = {
  name: 'counter', version: '1', trace, create: () => { const env = make(); ${change}; return env }`
  const throwing = 'throw new TypeError("no counter")'
  it.each([
    ['injectInitial', `env.injectInitial = () => { ${throwing} }`, 'episode 0, start'],
    ['applyEvents', `env.applyEvents = () => { ${throwing} }`, 'episode 0, step 0'],
    ['step', `env.step = () => { ${throwing} }`, 'episode 0, step 0'],
    ['saveState', `env.saveState = () => { ${throwing} }`, 'episode 0, step 1'],
    ['bind', `env.bind = () => { ${throwing} }`, 'before the first episode'],
  ])('say where %s throws, and the other files are replayed', async (method, change, place) => {
    const env = join(folder, `throws-${method}.mjs`)
    writeFileSync(env, `${counter(own(change)).replace('export default', 'const good =')}\nexport default broken\n`)
    const path = trace()
    const argv = ['verify', '--env', env, path, written('beside.trace.json')]
    const { code, io } = await cadre(...argv)
    expect([code, io.err]).toEqual([1, ''])
    const error = `${place}: ${method} threw TypeError: no counter`
    expect(io.out).toMatch(`FAILED    ${path}: ${error}\nok        `)
    const { files } = (await cadre(...argv, '--json')).io.json<VerifyDocument>()
    expect(files[0]).toMatchObject({ ok: false, divergence: null, error })
  })

  it('refuse events that the environment has no method for', async () => {
    const env = join(folder, 'no-method.mjs')
    const text = counter(own('delete env.applyEvents')).replace('export default', 'const good =')
    writeFileSync(env, `${text}\nexport default broken\n`)
    const { code, io } = await cadre('verify', '--env', env, trace())
    expect([code, io.err]).toEqual([2, expect.stringMatching(/episodes\.0\.steps\.0\.events: .*no method applyEvents/)])
  })

  it.each([
    ['no trace', '', /no-trace\.mjs: the entry has no `trace`/],
    ['no schema', ', trace: { ...trace, initial: {} }', /no-schema\.mjs: trace\.initial: expected a zod schema/],
    ['no events', ', trace: { ...trace, events: undefined }', /trace\.events: expected a zod schema, or null/],
  ])('refuse an entry with %s', async (name, entry, message) => {
    const env = file(`${name.replace(' ', '-')}.mjs`, entry)
    const { code, io } = await cadre('verify', '--env', env, trace())
    expect([code, io.err]).toEqual([2, expect.stringMatching(message)])
  })
})

/** Puts a value somewhere in a trace, or takes away what stands there. */
function put(trace: unknown, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop()!
  const parent = keys.reduce((node, key) => node[key] as Fields, trace as Fields)
  if (value === undefined) delete parent[last]
  else parent[last] = value
}

/** The path of everything in a trace. */
function placesOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([key, one]) => placesOf(one, path === '' ? key : `${path}.${key}`))
  return path === '' ? inside : [path, ...inside]
}

type Fields = { [key: string]: unknown }

describe('a malformed trace ends with 2 and says where', () => {
  const three = 'episodes.0.steps.3'
  it.each<[what: string, path: string, value: unknown, message: RegExp]>([
    ['another format', 'format', 'cadre-trace/2', /format: expected "cadre-trace\/1", got "cadre-trace\/2"/],
    ['no format', 'format', undefined, /format: missing/],
    ['an unknown key', 'episode', [], /episode: unknown key; did you mean "episodes"\?/],
    ['no episodes', 'episodes', [], /episodes: /],
    ['an episode without steps', 'episodes.1.steps', [], /episodes\.1\.steps: /],
    ['a tolerance below 0', 'tolerance', -1, /tolerance: expected .*got -1/],
    ['an unknown environment', 'env', 'cart-pol', /env: unknown environment "cart-pol"; did you mean "cart-pole"\?/],
    ['an environment without traces', 'env', 'two-step', /env: two-step can't be started from a given state/],
    ['an unknown setting', 'config', { maxStep: 5 }, /config\.maxStep: unknown key; did you mean "maxSteps"\?/],
    ['a setting out of range', 'config.maxSteps', 0, /config\.maxSteps: expected .*got 0/],
    ['a start that is missing', 'episodes.1.initial', undefined, /episodes\.1\.initial: /],
    ['a start of another shape', 'episodes.1.initial.state', [0, 0, 0], /episodes\.1\.initial\.state: .*4/],
    ['an unknown field of the start', 'episodes.0.initial.wind', 1, /episodes\.0\.initial\.wind: unknown key/],
    ['an unknown field of the state', `${three}.state`, { x: 1 }, /episodes\.0\.steps\.3\.state\.x: unknown key/],
    ['an action outside its space', `${three}.actions.0`, 2, /steps\.3\.actions\.0: expected 0\.\.1.* of cart, got 2/],
    ['half an action', `${three}.actions.0`, 0.5, /episodes\.0\.steps\.3\.actions\.0: /],
    ['an action below 0', `${three}.actions.0`, -1, /episodes\.0\.steps\.3\.actions\.0: /],
    ['too many actions', `${three}.actions`, [0, 1], /steps\.3\.actions: expected one of 1 agents each, got 2/],
    ['no rewards', `${three}.rewards`, [], /steps\.3\.rewards: expected one of 1 agents each, got 0/],
    ['a reward that is no number', `${three}.rewards.0`, null, /episodes\.0\.steps\.3\.rewards\.0: /],
    [
      'an observation cut short',
      `${three}.observations.0`,
      [1],
      /steps\.3\.observations\.0: cart sees 4 numbers, got 1/,
    ],
    ['a first observation too many', 'episodes.0.initialObservations.1', [], /initialObservations: expected one of 1/],
    ['a flag as a number', `${three}.terminated`, 1, /steps\.3\.terminated: expected true or false, got 1/],
    ['a step after the end', 'episodes.0.steps.1.truncated', true, /episodes\.0\.steps\.1: the episode ends here/],
    ['events where nothing is drawn', `${three}.events`, {}, /episodes\.0\.steps\.3\.events: nothing is drawn/],
  ])('%s', async (_, path, value, message) => {
    const file = written('malformed.trace.json', (trace) => put(trace, path, value))
    const { code, io } = await cadre('verify', '--json', file)
    expect(code).toBe(2)
    const { error } = io.json<FailureDocument>()
    expect(error.code).toBe('ERR_CONFIG')
    expect(error.message).toMatch(message)
    expect(error.problems?.every((problem) => problem.file === file)).toBe(true)
  })

  it('text that is no JSON, and JSON that is no trace', async () => {
    const path = join(folder, 'text.trace.json')
    for (const [text, message] of [
      ['{"format": ', /text\.trace\.json: not valid JSON/],
      ['[]', /text\.trace\.json/],
      ['null', /text\.trace\.json/],
      ['', /not valid JSON/],
    ] as const) {
      writeFileSync(path, text)
      const { code, io } = await cadre('verify', path)
      expect([code, io.err]).toEqual([2, expect.stringMatching(message)])
    }
  })

  it('a file that isn\u2019t there, or none named', async () => {
    const absent = await cadre('verify', join(folder, 'absent.trace.json'))
    expect([absent.code, absent.io.err]).toEqual([2, expect.stringMatching(/absent\.trace\.json: cannot read/)])
    expect((await cadre('verify')).code).toBe(2)
  })

  it('a start that the environment refuses', async () => {
    const thing = (row: number, col: number) => ({ row, col, level: 1 })
    const steps = [{ actions: [0, 0], rewards: [0, 0], terminated: false, truncated: false }]
    const initial = { agents: [thing(0, 0), thing(1, 8)], food: [thing(3, 3)] }
    const good = { ...initial, agents: [thing(0, 0), thing(1, 7)] }
    const episodes = [good, initial].map((start) => ({ initial: start, steps }))
    const trace = { format: 'cadre-trace/1', env: 'lbf', config: { gridSize: 8 }, tolerance: 0, episodes }
    const path = join(folder, 'start.trace.json')
    writeFileSync(path, JSON.stringify(trace))
    const { code, io } = await cadre('verify', path)
    expect([code, io.err]).toEqual([2, expect.stringMatching(/episodes\.1\.initial: .*agents\.1: row 1, column 8/)])
    writeFileSync(path, JSON.stringify({ ...trace, episodes: [episodes[0]] }))
    expect((await cadre('verify', path)).code).toBe(0)
  })

  it('whatever stands anywhere in it', async () => {
    const places = placesOf(recorded())
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.jsonValue(), async (place, value) => {
        const { code, io } = await cadre(
          'verify',
          '--json',
          written('any.trace.json', (trace) => put(trace, place, value)),
        )
        expect([0, 1, 2]).toContain(code)
        if (code === 2) expect(io.json<FailureDocument>().error.code).toBe('ERR_CONFIG')
        else expect(io.json<VerifyDocument>().ok).toBe(code === 0)
      }),
      { numRuns: 200 },
    )
  })

  it('before any other trace is replayed', async () => {
    const good = written('good.trace.json')
    const { code, io } = await cadre(
      'verify',
      good,
      written('malformed.trace.json', (trace) => (trace.tolerance = -1)),
    )
    expect([code, io.out]).toEqual([2, ''])
  })

  it('and lists the first problems of many', async () => {
    const path = written('many.trace.json', ({ episodes }) => {
      for (const { steps } of episodes) for (const step of steps) step.actions = [7, 8, 9, 2]
      episodes.push(...episodes, ...episodes)
    })
    const { io } = await cadre('verify', path)
    expect(io.err.split('\n').length).toBe(22)
    expect(io.err).toMatch(/and \d+ more problems/)
  })
})
