import { describe, expect, it } from 'vitest'
import { GivenClock } from '../testing/given-clock.js'
import { sleep } from '../testing/sleep.js'
import { AgentFailure } from './agent-failure.js'
import { HealthProbe } from './health-probe.js'

/** A probe whose looks end as the test says. */
function begin(settings: { down?: number; up?: number } = {}) {
  const clock = new GivenClock()
  const looks: { at: number; signal: AbortSignal; well(): void; fail(error: unknown): void }[] = []
  let closed = 0
  const look = {
    look: (signal: AbortSignal) =>
      new Promise<void>((well, fail) => void looks.push({ at: clock.elapsedMs(), signal, well, fail })),
    close: async () => void closed++,
  }
  const probe = new HealthProbe(
    { path: '/models', everyMs: 100, timeoutMs: 250, down: 3, up: 2, ...settings },
    look,
    clock,
  )
  const heard: string[] = []
  probe.start((up, reason) => void heard.push(`${clock.elapsedMs()} ${up ? 'up' : 'down'} ${reason}`))
  const settled = () => sleep(0)
  /** Lets the look that is under way end, and the next begin. */
  const ends = async (how: 'well' | 'bad') => {
    const last = looks.at(-1)!
    if (how === 'well') last.well()
    else last.fail(new AgentFailure('server-error', 'status 503', { status: 503 }))
    await settled()
    clock.pass(100)
  }
  return { clock, looks, probe, heard, ends, settled, closes: () => closed }
}

describe('a health probe', () => {
  it('finds an agent down after failures in a row, and up after looks in a row that find it well', async () => {
    const { looks, probe, heard, ends } = begin()
    for (const how of ['bad', 'bad', 'well', 'bad', 'bad'] as const) await ends(how)
    expect([probe.up, probe.reason, heard]).toEqual([true, 'server-error: status 503', []])
    await ends('bad')
    expect([probe.up, heard]).toEqual([false, ['500 down server-error: status 503']])
    for (const how of ['well', 'bad', 'well'] as const) await ends(how)
    expect(probe.up).toBe(false)
    await ends('well')
    expect([probe.up, probe.reason, heard.slice(1)]).toEqual([true, null, ['900 up it answers its probe']])
    expect(looks.map(({ at }) => at)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
  })

  it('never overlaps itself: a look that takes long is waited for, up to its time', async () => {
    const { clock, looks, probe, heard, settled } = begin({ down: 1 })
    clock.pass(240)
    expect(looks).toHaveLength(1)
    looks[0]!.well()
    await settled()
    clock.pass(0)
    expect(looks.map(({ at }) => at)).toEqual([0, 240])
    clock.pass(249)
    await settled()
    expect([probe.up, looks[1]!.signal.aborted]).toEqual([true, false])
    clock.pass(1)
    await settled()
    expect(heard).toEqual(['490 down timeout: no answer in 250 ms'])
    expect(looks[1]!.signal.aborted).toBe(true)
    clock.pass(0)
    expect(looks.map(({ at }) => at)).toEqual([0, 240, 490])
  })

  it('says what a connection threw', async () => {
    const { looks, probe, settled } = begin({ down: 1 })
    looks[0]!.fail(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }))
    await settled()
    expect([probe.up, probe.reason]).toEqual([false, 'connection: ECONNREFUSED'])
  })

  it.each([true, false])('stops when it is closed (during a look: %s), and starts once', async (during) => {
    const { clock, looks, probe, heard, settled, closes } = begin({ down: 1 })
    probe.start(() => void heard.push('twice'))
    expect(looks).toHaveLength(1)
    if (!during) {
      looks[0]!.well()
      await settled()
    }
    await probe.close()
    looks[0]!.fail(new Error('late'))
    await settled()
    clock.pass(10_000)
    await settled()
    expect([looks.length, looks[0]!.signal.aborted, heard, closes()]).toEqual([1, true, [], 1])
  })
})
