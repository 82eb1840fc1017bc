import { describe, expect, it } from 'vitest'
import { outcomeTable } from './outcome-table.js'

describe('outcomeTable', () => {
  it('writes rows in the order of states and actions, impossible outcomes left out, illegal actions empty', () => {
    const table = outcomeTable({
      numStates: 3,
      actionLabels: ['stay', 'leap'],
      ends: [2],
      starts: [0, 1],
      outcomes: (state, action, add) => {
        if (action === 0) add(state, 1, -1)
        if (action === 1 && state === 0) {
          add(2, 0.25, 5)
          add(1, 0, 7)
          add(0, 0.75, 0)
        }
      },
    })
    expect([...table.rowStart]).toEqual([0, 1, 3, 4, 4, 5, 5])
    expect([...table.successor]).toEqual([0, 2, 0, 1, 2])
    expect([...table.probability]).toEqual([1, 0.25, 0.75, 1, 1])
    expect([...table.reward]).toEqual([-1, 5, 0, -1, -1])
    expect([...table.terminal]).toEqual([0, 0, 1])
    expect([...table.start]).toEqual([0.5, 0.5, 0])
  })
})
