import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { writeFakeRoutingRun } from '../testing/fake-routing-run.js'
import { writeFakeRun } from '../testing/fake-run.js'
import { installedChromium, startBrowser } from '../testing/installed-browser.js'
import { smallRun } from '../testing/small-run.js'
import { temporaryDirectory } from '../testing/temporary-directory.js'
import { renderReport } from './render-report.js'
import { writePlot } from './write-plot.js'
import { writeReport } from './write-report.js'

const severalEnvironments = smallRun({
  scores: {
    a: {
      lake: [
        [0, 10],
        [0, 9],
        [0, 8],
      ],
      pond: [
        [0, 50],
        [0, 40],
        [0, 30],
      ],
    },
    b: {
      lake: [
        [0, 7],
        [0, 6],
        [0, 5],
      ],
      pond: [
        [0, 60],
        [0, 50],
        [0, 40],
      ],
    },
  },
  references: { lake: { optimum: 10, random: 0 }, pond: { optimum: 100, random: 0 } },
})

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const path = temporaryDirectory()
const executablePath = installedChromium()

describe.skipIf(executablePath === null)('in Chromium (skipped where none is installed)', () => {
  let browser: Browser
  const problems: string[] = []

  beforeAll(async () => {
    browser = await startBrowser(executablePath!)
    writeFakeRun(path('run'), { seeds: 4, evaluations: 5, failed: 0 })
    writeReport(path('run'))
    await writePlot([path('run')], path('plot.html'))
    writeFakeRun(path('maps'), { seeds: 3, evaluations: 2, maps: true })
    writeReport(path('maps'))
    mkdirSync(path('several'))
    writeFileSync(path('several', 'report.html'), renderReport(severalEnvironments))
    writeFakeRoutingRun(path('routing'), { rows: 80, repetitions: 2, folds: 2, prices: [0.0002, 0.004] })
    writeReport(path('routing'))
  })
  afterAll(() => browser?.close())

  const open = async (file: string, width: number, colorScheme: 'light' | 'dark'): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    problems.length = 0
    page.on('console', (message) => problems.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) problems.push(`request: ${request.url()}`)
    })
    await page.goto(pathToFileURL(file).href)
    await page.waitForSelector('html[data-drawn]', { state: 'attached' })
    return page
  }
  const overflow = (page: Page) =>
    page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

  it.each([
    { width: 1280, colorScheme: 'light' as const },
    { width: 390, colorScheme: 'dark' as const },
  ])('the report draws its figures at $width px, $colorScheme, and asks nothing of the network', async (view) => {
    const page = await open(path('run', 'report.html'), view.width, view.colorScheme)
    // Shown at first: reward curves, learning, ranking and regret bars; each draws its lines in an svg of class main-svg.
    expect(await page.locator('.plot:visible svg.main-svg').first().isVisible()).toBe(true)
    expect(await page.locator('.js-plotly-plot').count()).toBe(4)
    expect(await page.locator('.scatterlayer .trace').count()).toBeGreaterThan(10)
    expect(await page.locator('.barlayer .trace').count()).toBe(5)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(problems).toEqual([])
    await page.close()
  })

  it.each([
    { width: 1280, colorScheme: 'light' as const },
    { width: 390, colorScheme: 'dark' as const },
  ])('maps of values fit the page at $width px, and policies come and go', async ({ width, colorScheme }) => {
    const page = await open(path('maps', 'report.html'), width, colorScheme)
    // V* and one of the three policies of the first environment, V* and the only one of the other two.
    expect(await page.locator('svg.map:visible').count()).toBe(6)
    expect(await page.locator('#map-0-2 svg.map').isVisible()).toBe(false)
    await page.locator('#maps select').first().selectOption('map-0-2')
    expect(await page.locator('#map-0-2 svg.map').isVisible()).toBe(true)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(problems).toEqual([])
    await page.close()
  })

  it.each(['run', 'routing', 'several'])(
    'all figures of the %s report are what plotly.js knows',
    async (name) => {
      const page = await open(path(name, 'report.html'), 1280, 'light')
      const found = await page.evaluate<string[]>(whatPlotlyDoesNotTake)
      expect(found).toEqual([])
      expect(problems).toEqual([])
      await page.close()
    },
    60_000,
  )

  it('names stay in sight while a table is scrolled, and the first number is in sight before', async () => {
    const page = await open(path('run', 'report.html'), 390, 'light')
    const table = page.locator('#regret .scroll')
    const box = async (cell: string) => (await table.locator(cell).first().boundingBox())!
    const outer = (await table.boundingBox())!
    const [name, number] = [await box('tbody th'), await box('tbody td.number')]
    expect(number.x + number.width).toBeLessThan(outer.x + outer.width)
    await page.evaluate("document.querySelector('#regret .scroll').scrollLeft = 1000")
    expect((await box('tbody th')).x).toBe(name.x)
    expect((await box('tbody td.number')).x).toBeLessThan(number.x)
    await page.close()
  })

  it('maps take up the width of their card', async () => {
    const page = await open(path('maps', 'report.html'), 390, 'light')
    const [card, map] = [page.locator('#maps .card').first(), page.locator('#maps svg.map').first()]
    const [outer, inner] = [await card.boundingBox(), await map.boundingBox()]
    expect(inner!.width).toBeGreaterThan(0.85 * outer!.width)
    await page.close()
  })

  it('tabs, legend and selector do what they say', async () => {
    const page = await open(path('run', 'report.html'), 1280, 'light')
    await page.getByRole('tab', { name: 'Regret', exact: true }).click()
    await page.waitForSelector('[data-figure=curves-regret-0] svg.main-svg')
    expect(await page.locator('[data-figure=curves-score-0]').isVisible()).toBe(false)
    const lines = page.locator('[data-figure=curves-regret-0] .scatterlayer .trace')
    const before = await lines.count()
    await page.locator('.legend button').first().click()
    await expect.poll(() => lines.count()).toBe(before - 2)
    expect(await page.locator('[data-figure=regret-0-0] .barlayer .trace').count()).toBe(5)
    await page.locator('select[data-views]').selectOption('policy-3')
    expect(await page.locator('#policy-3').isVisible()).toBe(true)
    expect(await page.locator('#policy-0').isVisible()).toBe(false)
    expect(problems).toEqual([])
    await page.close()
  })

  it.each([
    { width: 1280, colorScheme: 'light' as const },
    { width: 390, colorScheme: 'dark' as const },
  ])('a routing report draws both axes at $width px, and policies come and go', async (view) => {
    const page = await open(path('routing', 'report.html'), view.width, view.colorScheme)
    const lines = page.locator('[data-figure=routing-calls-0] .scatterlayer .trace')
    // The random mix, and a band and a line for each of four policies.
    expect(await lines.count()).toBe(9)
    await page.locator('#routing .legend button[aria-pressed=false]').first().click()
    await expect.poll(() => lines.count()).toBe(11)
    await page.getByRole('tab', { name: 'Cost', exact: true }).click()
    await page.waitForSelector('[data-figure=routing-cost-0] svg.main-svg')
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    expect(problems).toEqual([])
    await page.close()
  })

  it('a plot draws and exports, byte for byte the same each time', async () => {
    const page = await open(path('plot.html'), 1280, 'dark')
    expect(await page.locator('.js-plotly-plot').count()).toBe(2)
    expect(problems).toEqual([])
    await page.close()

    for (const name of ['one.svg', 'two.svg', 'three.png']) await writePlot([path('run')], path(name))
    const svg = readFileSync(path('one.svg'), 'utf8')
    expect(svg).toMatch(/^<svg xmlns[\s\S]*joint-q[\s\S]*<\/svg>\s*$/)
    // It stands alone: title, what line and band are, over how many seeds, what is cut, and the legend.
    const said = svg.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
    expect(said).toContain('quickstart \u2013 routing-dispatch: full, local and local-with-message: reward curves')
    expect(said).toContain('Line: interquartile mean over 3 to 4 seeds. Band: its bootstrap 95% interval.')
    expect(said).toContain('independent-q \u00b7 local-with-message')
    expect(readFileSync(path('two.svg'), 'utf8')).toBe(svg)
    expect(readFileSync(path('three.png')).subarray(0, 8)).toEqual(Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]))
    expect(existsSync(path('.three.png.tmp'))).toBe(false)
  })
})

/**
 * Draws every figure in each of its forms, and lists what plotly.js left out or took otherwise: names of attributes that it
 * doesn't know, and values that it doesn't allow. (Plotly.validate lacks its schema in the minified bundle.)
 */
const whatPlotlyDoesNotTake = `(async () => {
  const { figures, template } = JSON.parse(document.getElementById('cadre-page').textContent)
  const isObject = (value) => value !== null && typeof value === 'object'
  // Names of colours are no colours: the page's script puts those in.
  const coloured = (value) => JSON.parse(JSON.stringify(value).replace(/"@[a-zA-Z0-9]+(\\/[0-9.]+)?"/g, '"#123456"'))
  const merged = (base, patch) => {
    const result = { ...base }
    for (const [key, value] of Object.entries(patch)) {
      result[key] = isObject(value) && !Array.isArray(value) ? merged(base[key] ?? {}, value) : value
    }
    return result
  }
  const problems = new Set()
  const compare = (given, taken, path, figure) => {
    if (isObject(given)) {
      if (!isObject(taken)) problems.add(figure + ': ' + path)
      else for (const key of Object.keys(given)) compare(given[key], taken[key], path + '.' + key, figure)
    } else if (given !== taken && !(Math.abs(given - taken) < 1e-12) && given !== '#123456' && given !== null) problems.add(figure + ': ' + path + ' is ' + taken)
  }
  const known = new Set()
  const note = (given, taken, path) => {
    if (taken === undefined) return
    if (!isObject(given)) known.add(path)
    else for (const key of Object.keys(given)) note(given[key], taken[key], path + '.' + key)
  }
  const leaves = (given, path) =>
    isObject(given) ? Object.keys(given).flatMap((key) => leaves(given[key], path + '.' + key)) : [path]
  const element = document.body.appendChild(document.createElement('div'))
  for (const [name, figure] of Object.entries(figures)) {
    for (const form of ['layout', 'narrow', 'alone']) {
      // What is drawn is the same in all forms: one trace will do for the others.
      const data = coloured(form === 'layout' ? figure.data : figure.data.slice(0, 1))
      const layout = coloured(form === 'layout' ? figure.layout : merged(figure.layout, figure[form]))
      await window.Plotly.newPlot(element, structuredClone(data), { ...structuredClone(layout), template: coloured(template) })
      data.forEach((trace, i) => compare(trace, element._fullData[i], 'data', name))
      compare(coloured(figure[form]), element._fullLayout, form, name)
      note(template.layout, element._fullLayout, 'template')
    }
  }
  for (const path of leaves(template.layout, 'template')) {
    if (!known.has(path) && !path.startsWith('template.annotationdefaults')) problems.add('unknown ' + path)
  }
  element.remove()
  return [...problems].slice(0, 20)
})()`
