import { describe, expect, it } from 'vitest'
import { BackendError } from '#env/errors.js'
import { testBackendOptions as options } from '../testing/each-backend.js'
import { openBackend, probeBackends, tensorBackendNames } from './backend.js'

const probe = await probeBackends(options)
const missing = probe.backends.filter(({ available }) => !available)
const present = probe.backends.filter(({ available }) => available)

describe('probeBackends', () => {
  it('reports every backend of the chain, in its order, with a reason for each that is missing', () => {
    expect(probe.backends.map(({ name }) => name)).toEqual([...tensorBackendNames])
    for (const { name, available, reason, device, install } of probe.backends) {
      expect(reason === null, name).toBe(available)
      expect(install === null, name).toBe(available)
      expect(device !== null, name).toBe(available)
    }
    for (const { reason } of missing) expect(reason).toMatch(/^[^\n]{10,300}$/)
  })

  it('finds WebAssembly and plain JavaScript anywhere, and names what auto takes', async () => {
    expect(present.map(({ name }) => name)).toEqual(expect.arrayContaining(['wasm', 'cpu']))
    expect(probe.active).toBe(present[0]!.name)
    expect((await openBackend('auto', options)).name).toBe(probe.active)
  })

  it('leaves the active backend as it was', async () => {
    const { tf } = await openBackend('wasm')
    await probeBackends(options)
    expect(tf.getBackend()).toBe('wasm')
  })
})

describe('openBackend', () => {
  it.each(present.map(({ name }) => name))(
    'computes on %s, again after others, and gives the same object',
    async (name) => {
      const backend = await openBackend(name, options)
      const { tf } = backend
      const product = tf.tidy(() => tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([1, 1, 0, 1], [2, 2])))
      expect([...(await product.data())]).toEqual([1, 3, 3, 7])
      product.dispose()
      await openBackend('cpu')
      expect(await openBackend(name, options)).toBe(backend)
      expect(backend.name).toBe(name)
      expect(tf.getBackend()).toBe(name.startsWith('node') ? 'tensorflow' : name)
    },
  )

  it('opens one at a time, however many are asked for at once', async () => {
    const opened = await Promise.all(['wasm', 'cpu', 'wasm'].map((name) => openBackend(name as 'wasm' | 'cpu')))
    expect(opened.map(({ name }) => name)).toEqual(['wasm', 'cpu', 'wasm'])
    expect(opened[0]!.tf.getBackend()).toBe('wasm')
  })

  it.each(missing)(
    'refuses $name, which is missing, with the reason and what to do',
    async ({ name, reason, install }) => {
      const failure = await openBackend(name, options).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(BackendError)
      expect(failure).toMatchObject({ code: 'ERR_BACKEND', exitCode: 2 })
      expect(failure).toHaveProperty(
        'message',
        `openBackend: backend "${name}" is not available: ${reason}; ${install}`,
      )
    },
  )

  it('refuses a software adapter of WebGPU, naming it, unless a test allows it', async ({ skip }) => {
    const webgpu = probe.backends.find(({ name }) => name === 'webgpu')!
    if (!/swiftshader|llvmpipe/i.test(webgpu.device ?? '')) skip('no software adapter is open here')
    await expect(openBackend('webgpu')).rejects.toMatchObject({
      code: 'ERR_BACKEND',
      message: expect.stringMatching(/"webgpu" is not available: only a software adapter, SwiftShader .*refused/),
    })
  })

  it('refuses a name that no backend has', async () => {
    await expect(openBackend('wams' as 'wasm')).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_NAME',
      message: expect.stringContaining('did you mean "wasm"?'),
    })
  })
})
