import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientScript } from './client-script.js'
import { swatch } from './controls.js'
import { html } from './html.js'
import { count, listed, percent, scoreFormat } from './numbers.js'
import { jsonInScript, renderPage } from './page.js'
import { DASHES, MARKERS, SERIES_COLOURS, themes } from './palette.js'

describe('html', () => {
  it('escapes text and keeps markup, in content and attributes', () => {
    const name = `"><script>alert(1)</script>&'`
    expect(html`<b title="${name}">${name}</b>`.markup).not.toMatch(/<script|'|title=""/)
    expect(html`${[html`<i>${1}</i>`, html`<i>${2}</i>`]}${null}${false}`.markup).toBe('<i>1</i><i>2</i>')
  })
})

describe('jsonInScript', () => {
  it('survives any text without ending the script', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('</script>', '<!--', '\u2028', ''), (value, text) => {
        const json = jsonInScript({ value, text })
        expect(json).not.toMatch(/[<\u2028\u2029]/)
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })))
      }),
    )
  })
})

describe('renderPage', () => {
  const none = renderPage({ title: 'a </title> b', body: html`<p>body</p>`, figures: {} })
  const figure = { data: [], layout: {}, narrow: {}, alone: {} }
  const page = renderPage({ title: 'a </title> b', body: html`<p>body</p>`, figures: { figure } })

  it.each([
    ['with figures', page, 2],
    ['without figures, which needs no plotly.js', none, 1],
  ])('allows exactly the scripts it holds, and no connection, %s', (_, page, scripted) => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]!)
    const hashes = scripts.map((code) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`)
    expect(hashes).toHaveLength(scripted)
    expect(policy).toContain(`script-src ${hashes.join(' ')};`)
    expect(policy).toMatch(/^default-src 'none'/)
    expect(policy).not.toMatch(/http|\*|connect-src|script-src[^;]*unsafe/)
  })

  it('is small without figures', () => {
    expect(none.length).toBeLessThan(40_000)
  })

  it('refers to nothing outside itself', () => {
    const markup = page.replace(/<script>[\s\S]*?<\/script>/g, '')
    expect(markup).not.toMatch(/(src|href)="(?!data:|#)/)
    expect(markup).not.toMatch(/@import|url\(/)
  })

  it('escapes its title and never offers to upload', () => {
    expect(page).toContain('<title>a &#60;/title&#62; b</title>')
    expect(clientScript).toContain('showSendToCloud: false')
    expect(clientScript).toContain('displaylogo: false')
  })
})

describe('numbers', () => {
  it.each([
    [0.0083, '0.83%'],
    [0.10516, '10.5%'],
    [1, '100.0%'],
    [-0.2821, '\u221228.2%'],
    [0.0000038, '0.0004%'],
    [-1e-12, '0.00%'],
  ])('percent(%d) is %s', (share, text) => {
    expect(percent(share)).toBe(text)
  })

  it('writes as many decimals as the span needs', () => {
    expect(scoreFormat(47.6)(72.371772)).toBe('72.37')
    expect(scoreFormat(0.8)(0.12345)).toBe('0.1235')
    expect(scoreFormat(12_000)(-1234.5)).toBe('\u22121235')
    expect(scoreFormat(0)(1)).toBe('1.000')
  })

  it('writes more decimals where scores would else look the same, but for what evaluation leaves open', () => {
    expect(scoreFormat(65_000, [-12, -12.248])(-12.248)).toBe('\u221212.2')
    expect(scoreFormat(65_000, [-12, -12.000_01])(-12)).toBe('\u221212')
    expect(scoreFormat(47.6, [72.371772, 72.371773])(72.371772)).toBe('72.37')
    expect(scoreFormat(47.6)(-0.001)).toBe('0.00')
  })

  it('counts and lists', () => {
    expect([count(2_500_000), count(20_000), count(950)]).toEqual(['2.5M', '20k', '950'])
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
  })
})

describe('palette', () => {
  const luminance = (hex: string) => {
    const [r, g, b] = [1, 3, 5].map((i) => {
      const channel = Number.parseInt(hex.slice(i, i + 2), 16) / 255
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  /** Contrast ratio of WCAG 2.1. */
  const contrast = (a: string, b: string) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (light! + 0.05) / (dark! + 0.05)
  }

  it.each(['light', 'dark'] as const)('stands out in the %s theme: text 4.5:1, series 3:1', (name) => {
    const theme = themes[name]
    for (const text of [theme.fg, theme.muted, theme.accent]) {
      expect(contrast(text, theme.surface)).toBeGreaterThan(4.5)
      expect(contrast(text, theme.page)).toBeGreaterThan(4.5)
    }
    for (const name of SERIES_COLOURS) {
      const colour = theme[name]
      expect(contrast(colour, theme.surface)).toBeGreaterThan(3)
      expect(contrast(colour, theme.onSeries)).toBeGreaterThan(3)
    }
  })

  // Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
  const blindness = {
    none: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
  }

  /** OKLab (Ottosson 2020) of a colour as it is seen. */
  function seen(hex: string, m: readonly number[]): number[] {
    const linear = [1, 3, 5].map((i) => {
      const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    })
    const [r, g, b] = [0, 1, 2].map((row) => {
      const value = linear.reduce((sum, c, column) => sum + m[3 * row + column]! * c, 0)
      return Math.min(1, Math.max(0, value))
    }) as [number, number, number]
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    const a = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return [
      0.2104542553 * l + 0.793617785 * a - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * a + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * a - 0.808675766 * s,
    ]
  }

  it.each(
    (['light', 'dark'] as const).flatMap((theme) => Object.entries(blindness).map(([kind, m]) => ({ theme, kind, m }))),
  )('keeps all series apart in the $theme theme, colour blindness: $kind', ({ theme, m }) => {
    const colours = SERIES_COLOURS.map((name) => seen(themes[theme][name], m))
    const distances = colours.flatMap((one, i) =>
      colours.slice(0, i).map((other) => Math.hypot(...one.map((x, k) => x - other[k]!))),
    )
    expect(Math.min(...distances)).toBeGreaterThan(0.08)
  })

  it('repeats a pair of dash and mark late', () => {
    const pairs = Array.from({ length: 42 }, (_, i) => `${DASHES[i % DASHES.length]} ${MARKERS[i % MARKERS.length]}`)
    expect(new Set(pairs).size).toBe(42)
  })
})

it('tables show a series by its line: hue, dash, and the mark where lines carry one', () => {
  const [colour] = SERIES_COLOURS
  const style = { colour: colour!, dash: 'dash', marker: 'square', marked: false } as const
  expect(swatch(style).markup).toContain(`stroke="var(--${colour})"`)
  expect(swatch(style).markup).toContain('stroke-dasharray="7 4"')
  expect(swatch(style).markup).not.toContain('<path')
  expect(swatch({ ...style, marked: true }).markup).toContain('<path d="M12 1h6v6h-6z"')
  expect(swatch(null).markup).toBe('<span class="swatch"></span>')
})
