import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { packageRoot } from '../modules/package-root.js'

const script = fileURLToPath(new URL('dist/experiments/benchmarks/live-load.js', packageRoot()))

interface LoadResult {
  readonly sent: number
  readonly ends: { readonly [how: string]: number | undefined }
  readonly logged: number
  readonly unknown: number
  readonly problems: number
  readonly replay: { readonly difference: string | null; readonly agrees: boolean }
  readonly lateTicks: number
  readonly gapLines: number
  readonly seen: readonly { readonly heap: number }[]
  readonly fds: { readonly before: number; readonly after: number }
}

/** The short form of what docs/benchmarks.md tells: little load, since other tests run beside it. */
it.each(['ticks', 'events'])(
  'a dispatched team whose agents fail in every way ends each request once, and its log agrees: decisions at %s',
  {
    timeout: 120_000,
  },
  async (decide) => {
    const options = ['--seconds', '15', '--rate', '40', '--decide', decide, '--json']
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...options])
    const { sent, ends, logged, unknown, problems, replay, seen, fds, gapLines } = JSON.parse(stdout) as LoadResult
    const ways = Object.keys(ends)
    expect(ways).not.toContain('never')
    expect(ways).not.toContain('reset')
    expect(ways).not.toContain('garbage')
    expect(Object.values(ends).reduce((sum, count) => sum! + count!, 0)).toBe(sent)
    expect([logged, unknown, problems]).toEqual([sent - (ends.overloaded ?? 0), 0, 0])
    expect(replay).toMatchObject({ difference: null, agrees: true })
    expect(ends.answered).toBeGreaterThan(sent / 2)
    // A line a second tells of all late ticks.
    expect(gapLines).toBeLessThan(40)
    const [first, last] = [seen[0]!, seen.at(-1)!]
    // Connections to five agents, two requests and a probe at once each, which stay open for 30 s.
    expect(fds.after - fds.before).toBeLessThan(25)
    expect(last.heap / first.heap).toBeLessThan(1.5)
  },
)
