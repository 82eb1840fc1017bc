import { describe, expect, it } from 'vitest'
import { mostFacts, WorkingMemory } from './working-memory.js'

const source = { document: 'orders.json#A-1001' }
const written = (key: string, value: string | null) => ({ key, value, source: null })

describe('a working memory', () => {
  it('keeps facts with their owner and source; what was written last counts, and comes last', () => {
    const memory = WorkingMemory.empty
      .with('orders', [written('order/number', 'A-1001'), { key: 'order/state', value: 'sent', source }])
      .with('desk', [written('order/number', 'A-1002')])
    expect(memory.facts).toEqual([
      { key: 'order/state', value: 'sent', owner: 'orders', source },
      { key: 'order/number', value: 'A-1002', owner: 'desk', source: null },
    ])
    expect(memory.with('desk', [written('order/state', null)]).facts.map(({ key }) => key)).toEqual(['order/number'])
  })

  it('shows an agent what its scopes let it read, and says what it may write', () => {
    const memory = WorkingMemory.empty.with('orders', [
      written('order/state', 'sent'),
      written('customer', 'Ada'),
      written('customers', '2'),
    ])
    const keysFor = (...reads: string[]) => memory.shownTo({ reads, writes: [] }).known.map(({ key }) => key)
    expect(keysFor('order/', 'customer')).toEqual(['order/state', 'customer'])
    expect(keysFor('order')).toEqual([])
    expect(keysFor('*')).toHaveLength(3)
    expect(keysFor()).toEqual([])
    expect(memory.shownTo({ reads: [], writes: ['invoice/'] })).toEqual({ known: [], mayWrite: ['invoice/'] })
  })

  it('never changes: who goes on from an earlier one does not see what came after', () => {
    const first = WorkingMemory.empty.with('a', [written('x', '1')])
    const second = first.with('a', [written('x', '2')])
    expect([first.facts[0]!.value, second.facts[0]!.value]).toEqual(['1', '2'])
    expect(WorkingMemory.empty.facts).toEqual([])
  })

  it('forgets what was written longest ago where it is full', () => {
    let memory = WorkingMemory.empty
    for (let k = 0; k < mostFacts; k++) memory = memory.with('a', [written(`k${k}`, 'v')])
    memory = memory.with('a', [written('k0', 'again')]).with('a', [written('new', 'v')])
    expect(memory.facts).toHaveLength(mostFacts)
    expect(memory.facts.map(({ key }) => key)).not.toContain('k1')
    expect(memory.facts.slice(-2).map(({ key }) => key)).toEqual(['k0', 'new'])
  })
})
