import { describe, expect, it, vi } from 'vitest'
import { NotEnumerableError } from '#env/errors.js'
import { Rng } from '#env/rng.js'
import { onEachBackend, testBackendOptions } from '../testing/each-backend.js'
import { openBackend, type TensorBackend } from './backend.js'
import { ILLEGAL, type TableUpdates, TensorTable } from './tensor-table.js'

const ROWS = 50
const WIDTH = 4

/** Random updates of `count` and an idle one. */
function randomUpdates(table: TensorTable, count: number, rng: Rng): TableUpdates {
  const fill = (value: () => number) => Float32Array.from({ length: count + 1 }, (_, j) => (j < count ? value() : 0))
  const index = (bound: number, idle: number) =>
    Int32Array.from({ length: count + 1 }, (_, j) => (j < count ? rng.integer(bound) : idle))
  return {
    entry: index(ROWS * WIDTH, table.sink),
    nextRow: index(ROWS, table.idleRow),
    nextPenalty: new Float32Array((count + 1) * WIDTH).map(() => (rng.uniform() < 0.2 ? ILLEGAL : 0)),
    reward: fill(() => rng.uniform() - 0.5),
    discount: fill(() => 0.9),
    rate: fill(() => 0.1),
    negativeRate: fill(() => 0.05),
  }
}

await onEachBackend((open, name) => {
  // A software adapter takes 4 ms an update; on one, 10,000 passed as well.
  const updates = name === 'webgpu' && testBackendOptions.allowSoftware === true ? 1000 : 10_000

  it(`keeps the number of tensors and their bytes flat over ${updates} updates, and reads nothing back`, async () => {
    const backend = await open()
    const { tf } = backend
    const before = tf.memory()
    const table = new TensorTable(backend, ROWS, WIDTH, 33, 0)
    const rng = new Rng('flat')
    const batches = Array.from({ length: 10 }, () => randomUpdates(table, 32, rng))
    table.learn(batches[0]!)
    const reads = readsOf(backend)
    const early = tf.memory()
    for (let k = 0; k < updates; k++) {
      table.learn(batches[k % batches.length]!)
      // Work is only queued on some backends: its memory is given back between turns.
      if (k % 500 === 0) await settled(table, reads)
    }
    const late = tf.memory()
    expect([late.numTensors, late.numDataBuffers, late.numBytes]).toEqual([
      early.numTensors,
      early.numDataBuffers,
      early.numBytes,
    ])
    // The tensors of the plain backend are JavaScript's own: reading them is how it works.
    if (name !== 'cpu') expect(reads.count()).toBe(0)
    reads.restore()
    expect((await table.read()).every(Number.isFinite)).toBe(true)
    table.dispose()
    expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([before.numTensors, before.numBytes])
  }, 120_000)

  describe('a table', () => {
    it('stays on its backend when another is opened', async () => {
      const backend = await open()
      const active = backend.tf.getBackend()
      const other = await openBackend(name === 'cpu' ? 'wasm' : 'cpu')
      const table = new TensorTable(backend, ROWS, WIDTH, 33, 0)
      expect(backend.tf.getBackend()).toBe(active)
      other.activate()
      expect(backend.tf.getBackend()).toBe(other.name)
      table.learn(randomUpdates(table, 32, new Rng('switched')))
      expect(backend.tf.getBackend()).toBe(active)
      other.activate()
      await table.best(Int32Array.of(0), null)
      expect(backend.tf.getBackend()).toBe(active)
      table.dispose()
    })

    it.each([
      {
        rows: 1e9,
        updates: 2,
        told: 'values of 1000000000 rows of 4 actions, those of all seeds together, take 16 GB',
      },
      { rows: 10, updates: 1e8, told: 'masks of 100000000 updates of 4 actions' },
    ])('that is too large is refused with numbers, before memory is taken: $told', async ({ rows, updates, told }) => {
      const backend = await open()
      const before = backend.tf.memory().numBytes
      const make = () => new TensorTable(backend, rows, WIDTH, updates, 0)
      expect(make).toThrowError(NotEnumerableError)
      expect(make).toThrowError(told)
      expect(backend.tf.memory().numBytes).toBe(before)
    })

    it('is read as it was written, illegal entries included', async () => {
      const table = new TensorTable(await open(), 2, 3, 1, 0)
      table.write(Float32Array.of(1, 2, Number.NEGATIVE_INFINITY, 4, 5, 6))
      expect([...(await table.read())]).toEqual([1, 2, Number.NEGATIVE_INFINITY, 4, 5, 6])
      table.forbid(Int32Array.of(3, 5))
      const { NEGATIVE_INFINITY: never } = Number
      expect([...(await table.read())]).toEqual([1, 2, never, never, 5, never])
      expect([...(await table.best(Int32Array.of(0, 1), null))]).toEqual([1, 1])
      expect([...(await table.best(Int32Array.of(0, 1), Float32Array.of(0, ILLEGAL, 0, 0, 0, 0)))]).toEqual([0, 1])
      table.dispose()
    })
  })
})

/** Counts reads of the backend, whether they block or not. */
function readsOf({ tf }: TensorBackend): { count(): number; restore(): void; pause(): () => void } {
  const backend = tf.backend()
  const spies = [vi.spyOn(backend, 'readSync'), vi.spyOn(backend, 'read')]
  let paused = 0
  const all = () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
  return {
    count: () => all() - paused,
    restore: () => {
      for (const spy of spies) spy.mockRestore()
    },
    pause: () => {
      const before = all()
      return () => {
        paused += all() - before
      }
    },
  }
}

async function settled(table: TensorTable, reads: ReturnType<typeof readsOf>): Promise<void> {
  const resume = reads.pause()
  await table.read()
  resume()
}
