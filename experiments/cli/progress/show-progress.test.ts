import { describe, expect, it } from 'vitest'
import { FakeIo } from '../testing/fake-io.js'
import { renderLine, renderLive } from './render.js'
import { RunState, type TrialProgress } from './run-state.js'
import { showProgress } from './show-progress.js'

const trials = [
  { id: 'a', steps: 1000 },
  { id: 'b', steps: 3000 },
  { id: 'c', steps: 1000 },
]

const step = (id: string, change: Partial<TrialProgress> = {}): TrialProgress => ({
  type: 'trial',
  id,
  algorithm: 'q',
  environment: 'coin',
  seed: 3,
  step: 500,
  steps: 1000,
  score: 1.5,
  stepsPerSecond: 100,
  secondsLeft: 5,
  ...change,
})

const done = (id: string, status: 'done' | 'failed' = 'done') =>
  ({ type: 'trial-done', id, algorithm: 'q', environment: 'coin', seed: 3, status, final: 2 }) as const

describe('RunState', () => {
  it('counts trials and estimates the time left from the present pace', () => {
    const state = new RunState(trials)
    expect(state.secondsLeft).toBeNaN()
    state.accept(step('a'))
    state.accept(step('b', { step: 1000, steps: 3000, stepsPerSecond: 150 }))
    // 500 + 2000 + 1000 steps at 250 a second.
    expect(state.secondsLeft).toBe(14)
    state.accept(done('a'))
    state.accept(done('c', 'failed'))
    expect([state.done, state.failed, state.running.size]).toEqual([1, 1, 1])
    expect(renderLine(state)).toBe(
      '1 of 3 trials done, 1 failed, about 0:14 left; q coin seed 3 1000/3000 (33.3%) return 1.5000 150 steps/s 0:05 left',
    )
  })
})

describe('renderLive', () => {
  it('fits the terminal', () => {
    const state = new RunState(trials)
    for (const id of ['a', 'b', 'c']) state.accept(step(id, { score: null }))
    const lines = renderLive(state, 40, 5).split('\n')
    expect(lines).toEqual([
      'q  coin  seed 3  500/1000 (50.0%)  retur',
      'q  coin  seed 3  500/1000 (50.0%)  retur',
      '... and 1 more',
      '0 of 3 trials done, about 0:05 left',
    ])
  })
})

it('says nothing of the time that is left before a hundredth is done', () => {
  const state = new RunState(trials)
  state.accept(step('a', { step: 9 }))
  expect(state.secondsLeft).toBeNaN()
  expect(renderLine(state)).not.toContain('left')
  state.accept(step('a', { step: 10 }))
  expect(renderLine(state)).toMatch(/about \d+:\d\d left; .* 0:05 left$/)
})

describe('showProgress', () => {
  it('writes a plain line every few seconds at most where there is no terminal', async () => {
    const io = new FakeIo()
    let now = 0
    const display = await showProgress(io, trials, () => now)
    for (; now <= 10_000; now += 100) display.accept(step('a'))
    expect(io.err.trim().split('\n')).toHaveLength(3)
    display.accept({ type: 'phase', message: 'references' })
    display.end()
    // Said once, and not again on each line.
    expect(io.err).toMatch(/\nreferences\n0 of 3 trials done, about [^r]*; q coin .*\n$/)
    expect(io.out).toBe('')
  })

  it('draws over itself on a terminal', async () => {
    const io = new FakeIo(true)
    const display = await showProgress(io, trials)
    display.accept(step('a'))
    display.accept(done('a'))
    display.note('stopping')
    display.end()
    expect(io.err).toContain('seed 3')
    expect(io.err).toContain('\u001b[')
    expect(io.err).toContain('stopping\n')
    expect(io.out).toBe('')
  })
})
