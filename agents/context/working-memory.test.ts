import { describe, expect, it } from 'vitest'
import { ScopeError, WorkingMemories, WorkingMemory } from './working-memory.js'

describe('a working memory', () => {
  const source = { document: 'orders.json#A-1001' }

  it('keeps facts with their owner and source, the last write counts', () => {
    const memory = new WorkingMemory()
    const reader = memory.as('writer', { reads: ['*'], writes: [] })
    const orders = memory.as('orders', { reads: ['order/'], writes: ['order/'] })
    orders.write('order/number', 'A-1001')
    orders.write('order/state', 'sent', source)
    orders.write('order/number', 'A-1002')
    expect(reader.list()).toEqual([
      { key: 'order/state', value: 'sent', owner: 'orders', source, revision: 1 },
      { key: 'order/number', value: 'A-1002', owner: 'orders', source: null, revision: 2 },
    ])
    expect(reader.read('order/number')!.value).toBe('A-1002')
    expect(reader.read('order/none')).toBeUndefined()
  })

  it('holds agents to their scopes', () => {
    const memory = new WorkingMemory()
    const billing = memory.as('billing', { reads: ['order/', 'customer'], writes: ['invoice/'] })
    memory.as('orders', { reads: [], writes: ['*'] }).write('customer/name', 'Ada')
    expect(billing.list()).toEqual([])
    expect(() => billing.read('customer/name')).toThrow(ScopeError)
    expect(() => billing.write('order/state', 'x')).toThrow(
      'billing may not write "order/state"; it may write invoice/',
    )
    expect(billing.read('customer')).toBeUndefined()
    expect(() => memory.as('none', { reads: [], writes: [] }).read('a')).toThrow(/it may read nothing/)
  })

  it('lets agents take back only what is their own', () => {
    const memory = new WorkingMemory()
    const scopes = { reads: ['*'], writes: ['*'] }
    memory.as('orders', scopes).write('a', '1')
    expect(() => memory.as('billing', scopes).forget('a')).toThrow('billing may not forget "a": orders wrote it')
    expect(memory.as('orders', scopes).forget('a')).toBe(true)
    expect(memory.as('orders', scopes).forget('a')).toBe(false)
  })

  it('has bounds', () => {
    const view = new WorkingMemory().as('a', { reads: [], writes: ['*'] })
    for (let k = 0; k < 1000; k++) view.write(`k${k}`, '')
    view.write('k0', 'again')
    expect(() => view.write('more', '')).toThrow(/full with 1000 facts/)
    expect(() => view.write('', '')).toThrow(/key of 1 to 200 characters, got 0/)
    expect(() => view.write('k0', 'x'.repeat(20_001))).toThrow(/at most 20000 characters, got 20001/)
  })

  it('is one a conversation, and the longest unused goes', () => {
    const memories = new WorkingMemories(2)
    const first = memories.of('1')
    memories.of('2')
    expect(memories.of('1')).toBe(first)
    memories.of('3')
    expect(memories.size).toBe(2)
    expect(memories.end('2')).toBe(false)
    expect(memories.end('1')).toBe(true)
    expect(memories.of('1')).not.toBe(first)
  })
})
