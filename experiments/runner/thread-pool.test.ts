import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Job } from './job.js'
import { StopSignal } from './stop-signal.js'
import { nextJob, ThreadPool } from './thread-pool.js'

it('a pool that is closed begins none of the jobs that wait: their threads would keep the process alive', async () => {
  const pool = new ThreadPool({ threads: 1, runDirectory: '', stop: new StopSignal(), report: () => undefined })
  // Each fails as soon as a thread has begun it.
  const job = { kind: 'references', task: { environment: { data: null } } } as unknown as Job
  const first = pool.run(job).catch(() => 'ended')
  const second = pool.run(job).then(
    () => 'begun',
    () => 'begun',
  )
  await pool.close()
  expect(await first).toBe('ended')
  expect(await Promise.race([second, setTimeout(1500, 'waits')])).toBe('waits')
})

it('an error that is none of ours keeps its name and its stack on the way from the thread', async () => {
  const pool = new ThreadPool({ threads: 1, runDirectory: '', stop: new StopSignal(), report: () => undefined })
  const job = { kind: 'trials', trials: [{ environment: { data: null } }] } as unknown as Job
  const error: unknown = await pool.run(job).catch((thrown: unknown) => thrown)
  await pool.close()
  expect(error).toMatchObject({ name: 'TypeError', stack: expect.stringContaining('job-runner.js') })
})

it.each([
  ['the split that it has prepared', ['a', 'b', 'c'], 'b', ['c'], 1],
  ['else one that no other thread works on', ['a', 'b', 'c'], 'd', ['a'], 1],
  ['one without data as it comes', ['a', '', 'b'], '', ['a'], 1],
  ['else the first', ['a', 'b'], 'd', ['a', 'b'], 0],
] as const)('a free thread takes %s', (_, splits, own, others, index) => {
  expect(nextJob(splits, own, others)).toBe(index)
})
