import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { main } from '../cli/main.js'
import { FakeIo } from '../cli/testing/fake-io.js'

const folder = mkdtempSync(join(tmpdir(), 'cadre-dispatch-trace-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const step = (actions: number[], reward: number, events: object, state: object) => ({
  ...{ actions, rewards: [reward, reward, reward], terminated: false, truncated: false, events, state },
})

/** Three steps of the three agents, their rewards by hand. */
const steps = [
  // B to agent 2: value 12, price 2.5, a conflict of 1, one queued at .4.
  step(
    [0, 1, 1],
    12 - 2.5 - 1 - 0.4,
    { winner: 2, good: true, arrivals: [0] },
    {
      inbox: [{ type: 0, left: 3 }],
      queue: [0, 0, 1],
    },
  ),
  // A waits, .1; one queued; B finds no place, 2.
  step(
    [0, 0, 0],
    -0.1 - 0.4 - 2,
    { served: [2], failed: [0], arrivals: [1] },
    {
      inbox: [{ type: 0, left: 2 }],
      queue: [0, 0, 0],
      down: [1, 0, 0],
    },
  ),
  // A to agent 1, badly answered: price 1, one queued.
  step([0, 1, 0], -1 - 0.4, { repaired: [0] }, { inbox: [], queue: [0, 1, 0], down: [0, 0, 0], stepsTaken: 3 }),
]

async function verify(
  changed: readonly object[],
  config: object = {},
): Promise<{ code: number; out: string; err: string }> {
  const file = join(folder, 'dispatch.trace.json')
  const initial = { inbox: [{ type: 1, left: 3 }], queue: [0, 0, 0], down: [0, 0, 0] }
  const episodes = [{ initial, steps: changed }]
  writeFileSync(
    file,
    JSON.stringify({ format: 'cadre-trace/1', env: 'routing-dispatch', config, tolerance: 1e-9, episodes }),
  )
  const io = new FakeIo()
  const code = await main(['verify', file], io)
  return { code, out: io.out, err: io.err }
}

describe('cadre verify on a trace of routing-dispatch', () => {
  it('replays what was worked out by hand', async () => {
    expect(await verify(steps)).toMatchObject({ code: 0 })
  })

  it('does so where arrivals come from a recording that is not here: the trace has its own', async () => {
    expect(await verify(steps, { arrivals: { kind: 'trace', file: 'gone.csv' } })).toMatchObject({ code: 0 })
  })

  it('says where another reward, or another state, leaves it', async () => {
    const reward = await verify([steps[0]!, { ...steps[1]!, rewards: [-2.4, -2.4, -2.4] }])
    expect(reward.code).toBe(1)
    expect(reward.out).toMatch(/episode 0, step 1/)
    const state = await verify([{ ...steps[0]!, state: { queue: [0, 1, 0] } }])
    expect(state.code).toBe(1)
    expect(state.out).toMatch(/queue/)
  })

  it('refuses what is no event of this environment, with its place', async () => {
    const { code, err } = await verify([{ ...steps[0]!, events: { winner: -1, arrivals: ['A'] } }])
    expect(code).toBe(2)
    expect(err).toMatch(/episodes\.0\.steps\.0\.events\.winner/)
    expect(err).toMatch(/events\.arrivals\.0/)
  })
})
