import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { tensorBackendNames } from '#algorithms/tensor/backend.js'
import { packageRoot } from '../../modules/package-root.js'
import { runCli } from '../../testing/compiled-cli.js'
import type { FailureDocument } from '../failure.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'
import { backendChoices, type Diagnosis } from './doctor.js'

async function doctor(...argv: string[]): Promise<{ exitCode: number; io: FakeIo }> {
  const io = new FakeIo()
  return { exitCode: await main(['doctor', ...argv], io), io }
}

describe('cadre doctor', () => {
  it('offers the backends of the chain by name', () => {
    expect(backendChoices).toEqual(['auto', ...tensorBackendNames])
  })

  it('--json says which backend is active, and why each other one is missing', async () => {
    const { exitCode, io } = await doctor('--json')
    const { active, backends } = io.json<Diagnosis>()
    expect(exitCode).toBe(0)
    expect(backends.map(({ name }) => name)).toEqual([...tensorBackendNames])
    expect(active).toBe(backends.find(({ available }) => available)!.name)
    for (const { available, reason } of backends) {
      if (available) expect(reason).toBeNull()
      else expect(reason).toMatch(/.{10}/)
    }
  })

  it('prints a table, and what to install for each that is missing', async () => {
    const { backends } = (await doctor('--json')).io.json<Diagnosis>()
    const { io } = await doctor()
    expect(io.out).toMatch(/^-> [a-z-]+ +available /m)
    for (const { name, reason, install } of backends.filter(({ available }) => !available)) {
      expect(io.out).toContain(`${name}`)
      expect(io.out).toContain(`${reason}\n`)
      expect(io.out).toContain(`${install}\n`)
    }
  })

  it('takes the backend that is asked for', async () => {
    const { io } = await doctor('--json', '--backend', 'cpu')
    expect(io.json<Diagnosis>().active).toBe('cpu')
    expect((await doctor('--backend', 'cpu')).io.out).toMatch(/^Without a GPU arrays are faster/m)
  })

  it('ends with exit code 2 where the one asked for is missing', async ({ skip }) => {
    const { backends } = (await doctor('--json')).io.json<Diagnosis>()
    const missing = backends.find(({ available }) => !available)
    if (missing === undefined) skip('every backend is available here')
    const { exitCode, io } = await doctor('--json', '--backend', missing!.name)
    expect(exitCode).toBe(2)
    expect(io.json<FailureDocument>().error).toMatchObject({
      code: 'ERR_BACKEND',
      message: expect.stringContaining(`"${missing!.name}" is not available: ${missing!.reason}`),
    })
  })

  it('refuses a backend that does not exist', async () => {
    const { exitCode, io } = await doctor('--backend', 'cuda')
    expect(exitCode).toBe(2)
    expect(io.err).toMatch(/'cuda' is invalid.*wasm/)
  })

  it('is the first to load TF.js: importing everything does not', async () => {
    const script = `
      const { createRequire } = await import('node:module')
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('tensorflow')).length
      await import(process.argv[1] + 'experiments/cli/main.js')
      await import(process.argv[1] + 'experiments/cadre.js')
      const before = loaded()
      await (await import(process.argv[1] + 'algorithms/tensor/backend.js')).openBackend('cpu')
      console.log(JSON.stringify([before, loaded() > 0]))`
    const dist = new URL('dist/', packageRoot()).href
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, dist])
    expect(JSON.parse(stdout)).toEqual([0, true])
  })

  it('lets no word of TF.js onto either stream', async () => {
    const { code, stdout, stderr } = await runCli(['doctor', '--json'])
    expect(code).toBe(0)
    expect(Object.keys(JSON.parse(stdout))).toContain('active')
    expect(stderr).not.toMatch(/tensorflow|tfjs|kernel|backend/i)
  })
})
