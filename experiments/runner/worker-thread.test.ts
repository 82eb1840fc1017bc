import { afterEach, describe, expect, it } from 'vitest'
import type { Job } from './job.js'
import { WorkerThread } from './worker-thread.js'

/** Answers, or throws where nothing catches it: then its memory takes a while to be given back, and its exit comes late. */
const source = `
  import { parentPort } from 'node:worker_threads'
  const later = (work) => setTimeout(work, 0)
  parentPort.on('message', ({ kind }) => {
    if (kind === 'throws') {
      globalThis.much = Array.from({ length: 1e6 }, (_, i) => ({ i }))
      later(() => { throw new Error('of its own') })
    } else if (kind === 'ends') process.exit(3)
    else if (kind === 'answers') setTimeout(() => parentPort.postMessage({ type: 'done', result: 'answer' }), 300)
  })
`
const job = (kind: 'throws' | 'ends' | 'answers' | 'never') => ({ kind }) as unknown as Job
const start = { stop: new SharedArrayBuffer(4), runDirectory: '' }

describe('a worker thread', () => {
  let thread: WorkerThread
  afterEach(() => thread.close())
  const begin = () => {
    thread = new WorkerThread(new URL(`data:text/javascript,${encodeURIComponent(source)}`), start, () => undefined)
  }

  it('that ends by an error of one job takes no other job with it', async () => {
    begin()
    for (let round = 0; round < 3; round++) {
      await expect(thread.run(job('throws'))).rejects.toThrow('of its own')
      expect(await thread.run(job('answers'))).toBe('answer')
      await expect(thread.run(job('ends'))).rejects.toThrow('its worker thread ended with exit code 3')
      expect(await thread.run(job('answers'))).toBe('answer')
    }
  })

  it('tells who waits that it was closed', async () => {
    begin()
    const waiting = expect(thread.run(job('never'))).rejects.toThrow('its worker thread ended with exit code')
    await thread.close()
    await waiting
  })
})
