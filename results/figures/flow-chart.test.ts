import { describe, expect, it } from 'vitest'
import { drawFlowCard } from '../report/write-flow.js'
import { drawFlowChart, sharePercent } from './flow-chart.js'

const chart = {
  episodes: 'questions',
  policy: 'mine <1>',
  phases: ['write', 'end'],
  boxes: [
    { kind: 'acts' as const, phase: 0, title: 'small', notes: ['comes in low'], share: 1.25 },
    { kind: 'ends' as const, phase: 1, title: 'answer', notes: [], share: 1 },
  ],
  arrows: [
    { from: null, to: 0, share: 1 },
    { from: 0, to: 0, share: 0.25 },
    { from: 0, to: 1, share: 1 },
  ],
}

describe('a flow chart', () => {
  it.each([
    [1, '100%'],
    [0.123, '12%'],
    [0.0994, '9.9%'],
    [0.0996, '10%'],
    [0.001, '0.1%'],
    [0.0009, '<0.1%'],
  ])('a share of %f is %s', (share, text) => expect(sharePercent(share)).toBe(text))

  it('draws every box and the share of every arrow, a loop too, and escapes names', () => {
    const { drawing, width } = drawFlowChart(chart)
    const { markup } = drawing
    expect(width).toBeGreaterThan(200)
    expect([...markup.matchAll(/class="share"[^>]*>([^<]+)</g)].map(([, text]) => text).sort()).toEqual([
      '100%',
      '100%',
      '25%',
    ])
    expect([...markup.matchAll(/<rect /g)]).toHaveLength(3)
    expect(markup).toContain('small  125%')
    expect(markup).toContain('comes in low')
    expect(markup).toContain('mine &#60;1&#62;')
    expect(markup).not.toContain('NaN')
    expect(markup).not.toContain('undefined')
    const widths = [...markup.matchAll(/stroke-width:([\d.]+)px/g)].map(([, px]) => Number(px))
    expect(widths).toEqual([2.3, 9, 9])
  })

  it('has the same as a table, to three digits', () => {
    const { markup } = drawFlowCard(chart, 'V(start) = 1.', true).card
    expect(
      [...markup.matchAll(/<td>([^<]+)<\/td><td>([^<]+)<\/td><td class="number">([^<]+)</g)].map((match) =>
        match.slice(1),
      ),
    ).toEqual([
      ['start', 'write: small, comes in low', '100.000%'],
      ['write: small, comes in low', 'answer', '100.000%'],
      ['write: small, comes in low', 'write: small, comes in low', '25.000%'],
    ])
  })
})
