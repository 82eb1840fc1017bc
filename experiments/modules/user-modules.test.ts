import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { UnknownNameError, UserModuleError } from '#env/errors.js'
import { algorithmKeys } from '../config/experiment-schema.js'
import { loadExperimentData } from '../config/load-experiment.js'
import { stubRegistry } from '../config/testing/stub-registry.js'
import { planTrials } from '../plan/plan-trials.js'
import { resolveEnv, resolveLearner, resolvePolicy } from './resolve.js'
import { reservedKeys } from './user-entry.js'
import { isPath } from './user-file.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-modules-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('resolveEnv', () => {
  it('finds names and aliases', async () => {
    for (const use of ['coin-toss', 'coin']) {
      const { entry, ref } = await resolveEnv(use, folder, { registry: stubRegistry })
      expect(entry.name).toBe('coin-toss')
      expect(ref).toEqual({ use: 'coin-toss', sha256: null })
    }
    await expect(resolveEnv('coin-tss', folder, { registry: stubRegistry })).rejects.toThrow(UnknownNameError)
    await expect(resolveLearner('tabl-q', folder, { registry: stubRegistry })).rejects.toThrow(
      'unknown algorithm "tabl-q"; did you mean "table-q"? (known: table-q)',
    )
  })

  it('loads a file, completes its entry and hashes it', async () => {
    const path = write('mine.mjs', 'export default { create: (config) => config }\n')
    const { entry, ref } = await resolveEnv('./mine.mjs', folder)
    expect(ref).toEqual({ use: path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') })
    expect(entry).toMatchObject({ name: 'mine', version: '0', aliases: [], summary: '' })
    expect(entry.schema.parse({ anything: [1, 'x'] })).toEqual({ anything: [1, 'x'] })
    expect(entry.schema.safeParse({ bad: Number.NaN }).success).toBe(false)
    expect(entry.create({ a: 1 })).toEqual({ a: 1 })
  })

  it('keeps what the entry says about itself', async () => {
    write('own.mjs', "export default { name: 'own', version: 7, summary: 'mine', policies: [], create: () => 0 }\n")
    expect((await resolveEnv(join(folder, 'own.mjs'), '/')).entry).toMatchObject({
      name: 'own',
      version: '7',
      summary: 'mine',
      policies: [],
    })
  })

  it.each([
    ['absent.mjs', undefined, /absent\.mjs: no such file; paths are relative to the file that names them$/],
    ['broken.mjs', 'export default {{\n', /broken\.mjs(:\d+)?: the file doesn't load: /],
    ['throws.mjs', "\nthrow new TypeError('no luck')\n", /throws\.mjs:2: the file doesn't load: TypeError: no luck$/],
    ['lost.mjs', "import './not-there.mjs'\n", /lost\.mjs.*: the file doesn't load: .*not-there/],
    ['empty.mjs', 'export const x = 1\n', /no default export; end the file with `export default \{ name, create \}`$/],
    [
      'number.mjs',
      'export default 7\n',
      /the default export: expected object, received number; export default \{ name/,
    ],
    [
      'none.mjs',
      'export default { name: "x" }\n',
      /no `create`; give it `create\(config\)` that returns an environment$/,
    ],
    [
      'no-form.mjs',
      'export default { create() {}, forms: { tensors: true } }\n',
      /forms\.tensors of the default export: expected a function/,
    ],
    ['text.mjs', 'export default { create: "x" }\n', /create of the default export: expected a function/],
    [
      'schema.mjs',
      'export default { schema: {}, create() {} }\n',
      /schema of the default export: expected a zod schema/,
    ],
    ['table.txt', 'x', /table\.txt: expected a file ending in \.js, \.mjs/],
  ])('refuses %s', async (name, text, message) => {
    const path = text === undefined ? join(folder, name) : write(name, text)
    const failure = await resolveEnv(path, folder).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UserModuleError)
    expect((failure as UserModuleError).message).toMatch(message)
    expect((failure as UserModuleError).message).toContain(path)
    expect(failure).toMatchObject({ code: 'ERR_USER_MODULE', exitCode: 2 })
  })

  it('refuses a folder', async () => {
    mkdirSync(join(folder, 'dir.mjs'))
    await expect(resolveEnv('./dir.mjs', folder)).rejects.toThrow(/this is a folder, expected a file/)
  })

  it('refuses schemas that claim the reserved keys of their kind', async () => {
    const claiming = (key: string) =>
      write(
        `${key}.mjs`,
        `export default { schema: { safeParse() {}, shape: { ${key}: 1 } }, create() {}, forms: { arrays() {} } }\n`,
      )
    await expect(resolveEnv(claiming('use'), '/')).rejects.toThrow(
      /its schema has the key "use", which experiment files keep for themselves \(use\); rename it$/,
    )
    await expect(resolveLearner(claiming('steps'), '/')).rejects.toThrow(/has the key "steps"/)
    await expect(resolveLearner(claiming('form'), '/')).rejects.toThrow(/has the key "form"/)
    expect([...reservedKeys.algorithm].sort()).toEqual(Object.keys(algorithmKeys.shape).sort())
    expect((await resolveEnv(claiming('rows'), '/')).entry.name).toBe('rows')
  })

  it('refuses a file that changed after it was planned', async () => {
    const path = write('changed.mjs', 'export default { create() {} }\n')
    await expect(resolveEnv(path, '/', { sha256: 'ab' })).rejects.toThrow(/changed after the run was planned/)
  })

  it('says what to do where TypeScript can not be run', async () => {
    const path = write('typed.ts', 'export default { create: (x: number) => x }\n')
    const strips = Boolean((process.features as { typescript?: unknown }).typescript)
    const outcome = await resolveEnv(path, '/').then(
      ({ entry }) => entry.name,
      (error: Error) => error.message,
    )
    if (strips) expect(outcome).toBe('typed')
    else expect(outcome).toMatch(/typed\.ts: Node [\d.]+ can't run TypeScript by itself; use Node 22\.18 or later/)
  })
})

describe('resolvePolicy', () => {
  it("prefers the environment's own policies", async () => {
    const { entry: env } = await resolveEnv('coin', folder, { registry: stubRegistry })
    const find = (use: string) => resolvePolicy(use, folder, env, { registry: stubRegistry })
    expect((await find('always-heads')).entry.name).toBe('always-heads')
    expect((await find('threshold')).entry.name).toBe('threshold')
    await expect(find('treshold')).rejects.toThrow(/did you mean "threshold"\? \(known: always-heads, threshold\)/)
    write('policy.mjs', 'export default { create() {} }\n')
    expect((await find('./policy.mjs')).entry.name).toBe('policy')
  })
})

describe('trial ids of user files', () => {
  it('follow the bytes of the file, not where it lies', async () => {
    const env =
      'export default { name: "e", create: () => ({ spec: { id: "e", version: "1", agents: [{ name: "a", observation: { kind: "box", size: 1, low: 0, high: 1 }, action: { kind: "discrete", n: 2 }, numObservations: 1 }], numStates: 0, stateSize: 0, quantities: [], score: { aggregate: "shared", over: "episode" }, limitSteps: 5 }, bind(slot) { this.slot = slot; slot.mask.fill(1) }, reset() { this.slot.observationId.fill(0) }, step() {} }) }\n'
    const idIn = async (name: string, text: string) => {
      const dir = join(folder, name)
      mkdirSync(dir)
      writeFileSync(join(dir, 'env.mjs'), text)
      const data = {
        name: 'x',
        discount: 0.9,
        steps: 1000,
        environments: { e: { use: './env.mjs' } },
        algorithms: { q: {} },
      }
      return planTrials(await loadExperimentData(data, dir, { registry: stubRegistry })).trials[0]!.id
    }
    const id = await idIn('here', env)
    expect(await idIn('there', env)).toBe(id)
    expect(await idIn('changed', `${env}// another byte\n`)).not.toBe(id)
  })
})

describe('isPath', () => {
  it('tells paths from names', () => {
    expect(['./x', '../x.mjs', '/a/b', 'x.mjs', 'a/b', 'x.ts'].map(isPath)).toEqual(Array(6).fill(true))
    expect(['coin', 'routing-dispatch', 'two.step'].map(isPath)).toEqual(Array(3).fill(false))
  })
})
