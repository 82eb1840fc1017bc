import { describe, expect, it } from 'vitest'
import type { HealthListener } from './health-probe.js'
import type { Replica } from './replica.js'
import { ReplicaSet } from './replica-set.js'

/** A replica that is as the test says. */
class Given {
  readonly url: string
  down: string | null = null
  restsForMs = 0
  closedForMs = 0
  closedBy = null
  outstanding = 0
  breaker = 'closed' as const
  heard: HealthListener[] = []
  retired = false

  constructor(url: string) {
    this.url = url
  }

  watch(heard: HealthListener): void {
    this.heard.push(heard)
  }

  async retire(): Promise<void> {
    this.retired = true
  }

  async close(): Promise<void> {}

  goes(down: string | null): void {
    this.down = down
    for (const heard of this.heard) heard(down === null, down ?? 'well')
  }
}

function startSet(urls: readonly string[]) {
  const made = new Map<string, Given[]>()
  const set = new ReplicaSet(urls, (url) => {
    const replica = new Given(url)
    made.set(url, [...(made.get(url) ?? []), replica])
    return replica as unknown as Replica
  })
  const told: [boolean, string][] = []
  return {
    set,
    told,
    of: (url: string) => made.get(url)!.at(-1)!,
    made,
    watch: () => set.watch((...one) => told.push(one)),
  }
}

describe('replicas as one', () => {
  it('are down where every one is, and up again with the first', () => {
    const { set, told, of, watch } = startSet(['a', 'b'])
    watch()
    of('a').goes('no answer')
    expect([set.down, told]).toEqual([null, []])
    of('b').goes('refused')
    expect(set.down).toBe('no answer')
    expect(told).toEqual([[false, 'refused']])
    of('a').goes('no answer again')
    expect(told).toHaveLength(1)
    of('b').goes(null)
    expect([set.down, told.at(-1)]).toEqual([null, [true, 'well']])
  })

  it('rest as long as the one that rests least', () => {
    const { set, of } = startSet(['a', 'b', 'c'])
    of('a').restsForMs = 700
    of('b').restsForMs = 300
    of('c').restsForMs = 500
    expect(set.restsForMs).toBe(300)
    of('c').restsForMs = 0
    expect(set.restsForMs).toBe(0)
  })

  it('that change keep those that stay, let go of those that leave, and look at those that come', () => {
    const { set, told, of, made, watch } = startSet(['a', 'b'])
    watch()
    const [stays, leaves] = [of('a'), of('b')]
    stays.goes('dead')
    leaves.goes('dead too')
    expect(told).toEqual([[false, 'dead too']])
    set.set(['c', 'a'])
    expect(set.urls).toEqual(['c', 'a'])
    expect(made.get('a')).toEqual([stays])
    expect([stays.retired, leaves.retired]).toEqual([false, true])
    // One that nobody has looked at yet counts as up.
    expect(told.at(-1)).toEqual([true, 'its replicas are others'])
    expect(of('c').heard).toHaveLength(1)
    of('c').goes('gone')
    expect(told.at(-1)).toEqual([false, 'gone'])
  })

  it('that nobody looks at are not looked at when they change', () => {
    const { set, of } = startSet(['a'])
    set.set(['b'])
    expect(of('b').heard).toEqual([])
  })
})
