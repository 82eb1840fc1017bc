import { describe, expect, it } from 'vitest'
import type { Row, RowsModel } from '../model/figure-model.js'
import { drawRows } from './draw-rows.js'
import { plainText } from './figure.js'

const style = { colour: 'c1', dash: 'solid', marker: 'circle', marked: false } as const
const learner: Row = { id: 's0', label: 'q', kind: 'learner', style, value: 9, low: 7, high: 10, of: 3, regret: 0.1 }
const script: Row = {
  id: 'scripted',
  label: '<rule>',
  kind: 'scripted',
  style: null,
  value: 5,
  low: null,
  high: null,
  of: null,
  regret: 0.5,
}
const optimum: Row = { ...script, id: 'optimum', label: 'optimum', kind: 'optimum', value: 10, regret: 0 }

const model: RowsModel = {
  title: 'lake: ranking',
  measure: 'score',
  axis: { title: 'return', scale: 'linear', range: [0, 11], numbers: { as: 'score', decimals: 1 } },
  replicate: 'seed',
  bars: false,
  rows: [optimum, learner, script],
  lines: [{ name: 'half', value: 5, strong: true }],
  leftOut: [],
  caption: ['Circles: learners.'],
}

describe('drawRows', () => {
  it('draws marks at their values from top to bottom, coloured by algorithm', () => {
    const { data } = drawRows(model)
    expect(data.map(({ x, y, meta }) => [x, y, meta])).toEqual([
      [[10], [3], 'optimum'],
      [[9], [2], 's0'],
      [[5], [1], 'scripted'],
    ])
    expect(data.map(({ marker }) => [marker!.color, marker!.symbol])).toEqual([
      ['@fg', 'line-ns-open'],
      ['@c1', 'circle'],
      ['@muted', 'diamond'],
    ])
  })

  it('draws whiskers from the lower to the upper end, and none without an interval', () => {
    const { data } = drawRows(model)
    expect(data[1]!.error_x).toMatchObject({ symmetric: false, arrayminus: [2], array: [1], color: '@c1' })
    expect([data[0]!.error_x, data[2]!.error_x]).toEqual([undefined, undefined])
    expect(data[1]!.hovertemplate).toBe(
      '%{fullData.name}: 9.0<br>95% interval 7.0 to 10.0, 3 seeds<extra></extra>'.replace('95%', '95&#37;'),
    )
    const few = drawRows({ ...model, rows: [{ ...learner, low: null, high: null, of: 2 }] }).data
    expect(few[0]!.error_x).toBeUndefined()
    expect(few[0]!.hovertemplate).toBe('%{fullData.name}: 9.0<br>2 seeds<extra></extra>')
  })

  it('draws a second whisker, thick, for an inner interval', () => {
    const { data } = drawRows({ ...model, rows: [{ ...learner, inner: { low: 8, high: 9.5 } }] })
    const [thin, thick] = data.map(({ error_x }) => error_x!)
    expect(data).toHaveLength(2)
    expect([thin!.arrayminus, thin!.array, thick!.arrayminus, thick!.array]).toEqual([[2], [1], [1], [0.5]])
    expect(thick!.thickness).toBeGreaterThan(2 * thin!.thickness)
    expect(data[1]!.meta).toBe('s0')
  })

  it('draws bars from 0 with dark whiskers', () => {
    const axis = { ...model.axis, numbers: { as: 'percent' } } as const
    const { data, layout } = drawRows({
      ...model,
      bars: true,
      axis,
      rows: [{ ...learner, value: 0.1, low: 0.05, high: 0.3 }],
    })
    expect(data).toMatchObject([{ type: 'bar', orientation: 'h', x: [0.1], y: [1], marker: { color: '@c1' } }])
    expect(data[0]!.error_x).toMatchObject({
      array: [expect.closeTo(0.2, 12)],
      arrayminus: [expect.closeTo(0.05, 12)],
      color: '@fg',
    })
    expect(layout.xaxis).toMatchObject({ range: [0, 11], tickformat: '~%', zeroline: true })
  })

  it('names rows at the left and their numbers at the right, learners in bold', () => {
    const { layout, narrow } = drawRows(model)
    expect(layout.yaxis!.ticktext).toEqual(['optimum', '<b>q</b>', plainText('<rule>')])
    expect(layout.yaxis!.tickvals).toEqual([3, 2, 1])
    const beside = layout.annotations!.filter(({ x, y }) => x === 1 && y !== 1).map(({ text, y }) => [text, y])
    expect(beside).toEqual([
      ['10.0', 3],
      ['<b>9.0  <span style="font-size:11px">10.0%</span></b>', 2],
    ])
    expect(layout.annotations![0]!.text).toBe('score, regret')
    expect(narrow.annotations!.map(({ text }) => text)).toContain(
      '<b>q</b>  9.0  <span style="font-size:11px">10.0%</span>',
    )
  })

  it('draws lines across at their values, and names them above the plot', () => {
    const { layout } = drawRows(model)
    expect(layout.shapes).toMatchObject([{ x0: 5, x1: 5, yref: 'paper', y0: 0, y1: 1, line: { dash: 'solid' } }])
    expect(layout.annotations!.at(-1)).toMatchObject({ text: 'half 5.0', x: 5, xanchor: 'left' })
    const right = drawRows({ ...model, lines: [{ name: 'far', value: 10, strong: false }] }).layout
    expect(right.annotations!.at(-1)).toMatchObject({ x: 10, xanchor: 'right' })
  })
})
