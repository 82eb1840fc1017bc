import { describe, expect, it } from 'vitest'
import type { Curve, CurvesModel } from '../model/figure-model.js'
import { drawCurves } from './draw-curves.js'
import { plainText, wrapped } from './figure.js'
import type { ScatterTrace } from './plotly.js'

const style = { colour: 'c2', dash: 'dash', marker: 'square', marked: false } as const

const curve: Curve = {
  id: 's0',
  label: '<b>q</b>',
  style,
  strong: true,
  hidden: false,
  points: [
    { x: 0, y: 1, low: 0.5, high: 1.5, of: 3, regret: 0.9 },
    { x: 10, y: 4, low: 3, high: 6, of: 3, regret: 0.6 },
    { x: 20, y: 5, low: null, high: null, of: 2, regret: 0.5 },
  ],
  own: null,
}

const model: CurvesModel = {
  title: 'lake: reward curves',
  x: { title: 'environment steps', scale: 'linear', range: null, numbers: { as: 'count' } },
  y: { title: 'return', scale: 'linear', range: [-1, 11], numbers: { as: 'score', decimals: 1 } },
  replicate: 'seed',
  curves: [curve],
  lines: [
    { name: 'optimum', value: 10, strong: true },
    { name: 'random', value: 0, strong: false },
  ],
  points: [],
  mix: null,
  cut: 'curves come from as low as -34',
  caption: ['Line: interquartile mean over 3 seeds.', 'Band: its bootstrap 95% interval.'],
}

/** The traces of a figure. */
function traces(change: Partial<CurvesModel> = {}): ScatterTrace[] {
  return drawCurves({ ...model, ...change }).data as ScatterTrace[]
}

describe('drawCurves', () => {
  it('draws a band along the upper ends and back along the lower ones', () => {
    const [band] = traces()
    expect(band!.x).toEqual([0, 10, 10, 0])
    expect(band!.y).toEqual([1.5, 6, 3, 0.5])
    expect(band).toMatchObject({
      fill: 'toself',
      fillcolor: '@c2/0.17',
      line: { width: 0 },
      showlegend: false,
      meta: 's0',
    })
  })

  it('draws a line as far as all seeds got, in the colour and the dash of the series', () => {
    const [, line] = traces()
    expect([line!.x, line!.y]).toEqual([
      [0, 10],
      [1, 4],
    ])
    expect(line).toMatchObject({
      mode: 'lines',
      line: { color: '@c2', width: 2.4, dash: 'dash' },
      name: plainText('<b>q</b>'),
    })
    expect(line!.customdata).toEqual(
      ['1.0 (0.5 to 1.5), regret 90.0%', '4.0 (3.0 to 6.0), regret 60.0%'].map(plainText),
    )
  })

  it('goes on dotted from a cross where seeds drop out, and says how many are left', () => {
    const [, , rest] = traces()
    expect([rest!.x, rest!.y]).toEqual([
      [10, 20],
      [4, 5],
    ])
    expect(rest).toMatchObject({ line: { color: '@c2', dash: 'dot' }, showlegend: false })
    expect(rest!.marker).toMatchObject({ symbol: 'x-thin-open', size: [10, 0] })
    expect(rest!.customdata![1]).toBe(plainText('5.0, regret 50.0%, 2 of 3 seeds'))
  })

  it('draws no band without intervals, a lone point as a mark, and thin what was not learned', () => {
    const points = [{ x: 0, y: 1, low: null, high: null, of: 1 }]
    expect(traces({ curves: [{ ...curve, strong: false, points }] })).toMatchObject([
      { mode: 'markers', x: [0], y: [1], line: { width: 1.7 } },
    ])
  })

  it('marks lines whose dash others have too', () => {
    const [, line] = traces({ curves: [{ ...curve, style: { ...style, marked: true } }] })
    expect(line).toMatchObject({ mode: 'lines+markers', marker: { symbol: 'square', color: '@c2' } })
  })

  it('breaks a line off, and a band, where a logarithmic axis has no place for them', () => {
    const points = [
      { x: 0, y: 0.5, low: 0.2, high: 1, of: 3 },
      { x: 10, y: 0, low: -0.1, high: 0.02, of: 3 },
      { x: 20, y: 0, low: -0.1, high: 0, of: 3 },
    ]
    const y = { title: 'regret', scale: 'log', range: [0.01, 1], numbers: { as: 'percent' } } as const
    const [band, line] = traces({ y, curves: [{ ...curve, points }], lines: [] })
    expect(line!.y).toEqual([0.5, null, null])
    expect(band!.y).toEqual([1, 0.02, 0.01, 0.01, 0.01, 0.2])
    const { yaxis } = drawCurves({ ...model, y, lines: [] }).layout
    expect(yaxis).toMatchObject({ type: 'log', range: [-2, 0] })
    expect(yaxis!.tickvals).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5])
    expect(yaxis!.ticktext!.slice(0, 4)).toEqual(['1%', '2%', '5%', '10%'])
  })

  it('draws lines across at their values, named, the strong one solid', () => {
    const { layout } = drawCurves(model)
    expect(layout.shapes).toMatchObject([
      { y0: 10, y1: 10, xref: 'paper', x0: 0, x1: 1, line: { dash: 'solid', color: '@fg' } },
      { y0: 0, y1: 0, line: { dash: 'dot', color: '@muted' } },
    ])
    expect(layout.annotations!.map(({ text, y }) => [text, y])).toEqual([
      ['optimum 10.0', 10],
      ['random 0.0', 0],
      ['\u2193 curves come from as low as -34', 0],
    ])
    expect(layout.yaxis!.range).toEqual([-1, 11])
  })

  it('pushes names apart that would cover each other', () => {
    const lines = [
      { name: 'a', value: 10, strong: false },
      { name: 'b', value: 9.9, strong: false },
      { name: 'c', value: 0, strong: false },
    ]
    const [a, b, c] = drawCurves({ ...model, lines }).layout.annotations!
    // 12 units are 370 pixels: the second name wants to stand 3 pixels below the first, and needs 15.
    expect([a!.yshift, b!.yshift, c!.yshift]).toEqual([0, -12, 0])
  })

  it('draws a mix, named points, and where policies themselves are', () => {
    const y = { ...model.y, range: [0, 1], numbers: { as: 'percent' } } as const
    const x = { ...model.x, range: [0, 4], numbers: { as: 'usd' } } as const
    const drawn = traces({
      x,
      y,
      lines: [],
      mix: [
        [0, 0.2],
        [4, 0.8],
      ],
      points: [{ name: 'oracle', x: 2, y: 0.9, symbol: 'star' }],
      curves: [{ ...curve, points: [], own: { x: 3, y: 0.7 } }],
    })
    const [mix, , own, points] = drawn
    expect(mix).toMatchObject({ x: [0, 4], y: [0.2, 0.8], line: { dash: 'dot' } })
    expect(own).toMatchObject({ mode: 'markers', x: [3], y: [0.7], marker: { color: '@c2', symbol: 'square' } })
    expect(own!.hovertemplate).toContain(plainText('its own choices: 70.0% at $3'))
    expect(points).toMatchObject({ x: [2], y: [0.9], marker: { symbol: ['star'], size: [13] } })
    expect(points!.customdata).toEqual([plainText('oracle: 90.0% at $2')])
  })

  it('stands alone with title, what lines and bands are, and a legend', () => {
    const { alone, layout } = drawCurves(model)
    expect(alone.title!.text).toBe('lake: reward curves')
    expect(alone.title!.subtitle!.text).toBe(
      plainText('Line: interquartile mean over 3 seeds. Band: its bootstrap 95% interval.'),
    )
    expect(alone).toMatchObject({ showlegend: true, paper_bgcolor: '@surface' })
    const { t, b } = layout.margin!
    // The plot itself keeps its height.
    expect(alone.height! - alone.margin!.t! - alone.margin!.b!).toBe(layout.height! - t! - b!)
  })
})

describe('text in figures', () => {
  it('shows labels as they are', () => {
    expect(plainText('<b>%{x}')).toBe('&#60;b&#62;&#37;&#123;x&#125;')
  })

  it('breaks lines between words', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrapped('overlong words', 5)).toEqual(['overlong', 'words'])
  })
})
