import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientScript } from './client-script.js'
import { html } from './html.js'
import { count, listed, percent, scoreFormat } from './numbers.js'
import { jsonInScript, renderPage } from './page.js'
import { seriesColour, themes } from './palette.js'

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
  const figure = { data: [], layout: {}, narrow: {} }
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
    for (let i = 0; i < 8; i++) {
      const colour = theme[seriesColour(i)]
      expect(contrast(colour, theme.surface)).toBeGreaterThan(3)
      expect(contrast(colour, theme.onSeries)).toBeGreaterThan(3)
    }
    expect(seriesColour(8)).toBe('c0')
  })
})
