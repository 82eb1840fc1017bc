import { describe, expect, it } from 'vitest'
import { SERIES_COLOURS } from '../page/palette.js'
import { smallRun } from '../testing/small-run.js'
import { reportModel } from './report-model.js'
import { StyleBook } from './style-book.js'

describe('StyleBook', () => {
  it('gives one hue a key, in order, and none twice', () => {
    const keys = Array.from({ length: 8 }, (_, i) => `k${i}`)
    const styles = new StyleBook([...keys, 'k0'])
    expect(keys.map((key) => styles.colour(key))).toEqual(SERIES_COLOURS)
  })

  it('tells settings of a key apart by dash, and further ones by mark too', () => {
    const styles = new StyleBook(['a', 'b'])
    const all = Array.from({ length: 8 }, (_, variant) => styles.style('b', variant))
    expect(all.every(({ colour }) => colour === 'c1')).toBe(true)
    expect(all.map(({ dash }) => dash)).toEqual([
      'solid',
      'dash',
      'dot',
      'dashdot',
      'longdash',
      'longdashdot',
      'solid',
      'dash',
    ])
    expect(all.map(({ marked }) => marked)).toEqual([false, false, false, false, false, false, true, true])
    expect(new Set(all.map(({ dash, marker }) => `${dash} ${marker}`)).size).toBe(8)
  })

  it('makes keys beyond the hues grey, each with a dash and a mark of its own', () => {
    const styles = new StyleBook(Array.from({ length: 12 }, (_, i) => `k${i}`))
    const greys = [8, 9, 10, 11].map((i) => styles.style(`k${i}`, 0))
    expect(greys.every(({ colour, marked }) => colour === 'muted' && marked)).toBe(true)
    expect(new Set(greys.map(({ dash, marker }) => `${dash} ${marker}`)).size).toBe(4)
    expect(styles.style('k9', 0)).toEqual(greys[1])
  })
})

describe('colours of a page', () => {
  const flat = { lake: [[1], [2], [3]] }
  const scores = { 'q-fast': flat, sarsa: flat, 'q-slow': flat }
  const algorithms = { 'q-fast': { name: 'q' }, 'q-slow': { name: 'q' } }

  it('are those of algorithms, whatever their settings are called, and the same in the report and the plot of a run', () => {
    const run = smallRun({ scores, algorithms })
    const other = smallRun({ scores: { expected: flat, ...scores }, algorithms, hash: 'other', experiment: 'other' })
    const [report, plot] = [reportModel([run]), reportModel([run, other])]
    expect(report.colours).toEqual({ q: 'c0', sarsa: 'c1' })
    expect(plot.colours).toEqual({ q: 'c0', sarsa: 'c1', expected: 'c2' })
    const [world] = report.worlds
    expect(world!.series.map(({ algorithm, style }) => [algorithm, style.colour, style.dash])).toEqual([
      ['q-fast', 'c0', 'solid'],
      ['sarsa', 'c1', 'solid'],
      ['q-slow', 'c0', 'dash'],
    ])
    const drawn = [
      ...world!.figures.scores.curves.map(({ id, style }) => [id, style]),
      ...world!.figures.ranking.all.rows.map(({ id, style }) => [id, style]),
    ] as const
    for (const [id, style] of drawn) expect(style).toEqual(world!.series.find((one) => one.id === id)!.style)
  })

  it('never give two series of a page one colour and one dash', () => {
    const many = Object.fromEntries(
      Array.from({ length: 11 }, (_, i) => [`a${i}`, { lake: [[1], [2]], pond: [[1], [2]] }]),
    )
    const runs = [smallRun({ scores: many }), smallRun({ scores: many, experiment: 'two', hash: 'two' })]
    for (const world of reportModel(runs).worlds) {
      const looks = world.series.map(({ style: { colour, dash, marker } }) => `${colour} ${dash} ${marker}`)
      expect(new Set(looks).size).toBe(looks.length)
    }
  })
})
