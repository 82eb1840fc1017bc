import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { TensorFlow } from './backend-loader.js'

/** A machine that isn't this one. */
const machine = { packages: ['@tensorflow/tfjs-node-gpu'], driver: true, hasDevice: true, broken: '' }

vi.mock('./backend-loader.js', async (original) => ({
  ...(await original<typeof import('./backend-loader.js')>()),
  isInstalled: (name: string) => machine.packages.includes(name),
  libraryProblem: (file: string) => (machine.driver ? undefined : `${file}: cannot open shared object file`),
  requirePackage: () => {
    if (machine.broken !== '') throw new Error(machine.broken)
  },
}))

/** Of TF.js, only what the loaders ask for: the backend that a package registered. */
const tf = {
  findBackend: () => ({ isUsingGpuDevice: machine.hasDevice, binding: { TF_Version: '2.9.1' } }),
} as unknown as TensorFlow

async function load(name: 'nodeGpuLoader' | 'nodeLoader') {
  return (await import('./tensorflow.js'))[name].load(tf, {})
}

beforeEach(() => {
  vi.resetModules()
  Object.assign(machine, { packages: ['@tensorflow/tfjs-node-gpu'], driver: true, hasDevice: true, broken: '' })
})

describe("TensorFlow's packages", () => {
  it('run on CUDA where a device is listed, and then leave no place for the other one', async () => {
    machine.packages.push('@tensorflow/tfjs-node')
    expect(await load('nodeGpuLoader')).toEqual({ registeredAs: 'tensorflow', device: 'TensorFlow 2.9.1 with CUDA' })
    expect(await load('nodeLoader')).toEqual({
      reason: '@tensorflow/tfjs-node-gpu is loaded in this thread, and runs on CUDA',
    })
  })

  it('are not taken for CUDA where none is listed; the same package serves on the CPU', async () => {
    machine.hasDevice = false
    expect(await load('nodeGpuLoader')).toEqual({
      reason: '@tensorflow/tfjs-node-gpu lists no CUDA device and would run on the CPU',
    })
    expect(await load('nodeLoader')).toEqual({ registeredAs: 'tensorflow', device: 'TensorFlow 2.9.1 on the CPU' })
  })

  it('take one package a thread', async () => {
    machine.packages.push('@tensorflow/tfjs-node')
    machine.hasDevice = false
    expect(await load('nodeLoader')).toHaveProperty('device')
    expect(await load('nodeGpuLoader')).toEqual({
      reason: "@tensorflow/tfjs-node is loaded in this thread, and the two don't go together",
    })
  })

  it('are not loaded for CUDA without a driver, but then serve on the CPU', async () => {
    Object.assign(machine, { driver: false, hasDevice: false, broken: 'loaded all the same' })
    expect(await load('nodeGpuLoader')).toEqual({ reason: expect.stringMatching(/^no NVIDIA driver: .*cannot open/) })
    machine.broken = ''
    expect(await load('nodeLoader')).toHaveProperty('device', 'TensorFlow 2.9.1 on the CPU')
  })

  it('say why they fail to load', async () => {
    machine.broken = 'libtensorflow.so.2: cannot open shared object file\nat somewhere'
    expect(await load('nodeGpuLoader')).toEqual({
      reason: 'package @tensorflow/tfjs-node-gpu failed to load: libtensorflow.so.2: cannot open shared object file',
    })
    machine.packages = []
    expect(await load('nodeLoader')).toEqual({ reason: 'package @tensorflow/tfjs-node is not installed' })
  })
})
