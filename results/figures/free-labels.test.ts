import { describe, expect, it } from 'vitest'
import { freeLabels } from './free-labels.js'

const range = { x: [0, 10], y: [0, 10] } as const
const size = { width: 1000, height: 500 }

describe('freeLabels', () => {
  it('writes names to the right where there is room, else to another side', () => {
    const labels = freeLabels(
      [
        { text: 'middle', x: 5, y: 5 },
        { text: 'at the edge', x: 10, y: 2 },
      ],
      range,
      size,
    )
    expect(labels.map(({ text, xanchor }) => [text, xanchor])).toEqual([
      ['middle', 'left'],
      ['at the edge', 'right'],
    ])
  })

  it('leaves out what has no room, and covers no other point', () => {
    const crowd = Array.from({ length: 12 }, (_, i) => ({ text: `model number ${i}`, x: 5 + 0.001 * i, y: 5 }))
    const labels = freeLabels(crowd, range, size)
    expect(labels.length).toBeLessThan(crowd.length)
    expect(labels.length).toBeGreaterThan(0)
    // A neighbour 3 pixels on is where the name to the right would begin.
    const [first] = freeLabels(
      [
        { text: 'left', x: 5, y: 5 },
        { text: 'right', x: 5.1, y: 5 },
      ],
      range,
      size,
    )
    expect(first!.xanchor).toBe('right')
  })

  it('shows names as text', () => {
    expect(freeLabels([{ text: '<b>', x: 5, y: 5 }], range, size)[0]!.text).toBe('&#60;b&#62;')
  })
})
