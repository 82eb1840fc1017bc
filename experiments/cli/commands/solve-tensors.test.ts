import { describe, expect, it } from 'vitest'
import type { FailureDocument } from '../failure.js'
import { main } from '../main.js'
import { FakeIo } from '../testing/fake-io.js'
import type { Solution } from './solution.js'

async function solve(...argv: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo()
  return { code: await main(['solve', 'frozen-lake', ...argv], io), io }
}

const tensors = ['--gamma', '0.99', '--epsilon', '1e-9', '--form', 'tensors']

describe('cadre solve --form tensors', () => {
  it.each(['wasm', 'cpu'])('finds the optimum of arrays on %s, and says form and backend', async (backend) => {
    const { code, io } = await solve(...tensors, '--backend', backend, '--method', 'value-iteration', '--json')
    const solution = io.json<Solution>()
    // 0.5420259320: shared known answers, frozenlake_4x4_slippery at 0.99.
    expect([code, solution.form, solution.backend]).toEqual([0, 'tensors', backend])
    expect(solution).toMatchObject({ method: 'value-iteration', reason: null })
    expect(solution.start).toBeCloseTo(0.542025932, 9)
    expect((await solve('--gamma', '0.99', '--json')).io.json<Solution>()).toMatchObject({
      form: 'arrays',
      backend: null,
    })
  })

  it('takes the first backend that is there, and says why this method', async () => {
    const { backends } = await doctor()
    const { io } = await solve(...tensors, '--json')
    expect(io.json<Solution>().backend).toBe(backends.find(({ available }) => available)!.name)
    expect(io.json<Solution>().reason).toMatch(/tensors were asked for/)
    expect((await solve(...tensors, '--backend', 'wasm')).io.out).toMatch(
      /^method: value-iteration .*, on tensors by wasm$/m,
    )
  })

  it('ends with exit code 2 where the backend is missing', async ({ skip }) => {
    const missing = (await doctor()).backends.find(({ available }) => !available)
    if (missing === undefined) skip('every backend is available here')
    const { code, io } = await solve(...tensors, '--backend', missing!.name, '--json')
    expect([code, io.json<FailureDocument>().error.code]).toEqual([2, 'ERR_BACKEND'])
  })

  it.each([
    [['--gamma', '0.9', '--backend', 'wasm'], /--backend is of tensors; add --form tensors/],
    [[...tensors, '--method', 'policy-iteration'], /has one method, value-iteration, not policy-iteration/],
    [['--gamma', '0.9', '--form', 'tensors', '--horizon', '3'], /leave out --horizon and --average/],
  ])('refuses %j', async (argv, message) => {
    const { code, io } = await solve(...argv)
    expect([code, io.err]).toEqual([2, expect.stringMatching(message)])
  })

  it('has no tensor form at discount 1', async () => {
    const { code, io } = await solve('--gamma', '1', '--form', 'tensors', '--backend', 'cpu', '--json')
    expect([code, io.json<FailureDocument>().error.code]).toEqual([2, 'ERR_MODEL'])
  })
})

async function doctor(): Promise<{ backends: { name: string; available: boolean }[] }> {
  const io = new FakeIo()
  await main(['doctor', '--json'], io)
  return io.json()
}
