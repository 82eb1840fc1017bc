import { existsSync } from 'node:fs'
import { UsageError } from '#env/errors.js'
import { html } from '../page/html.js'
import { renderPage } from '../page/page.js'
import { writeFileAtomically } from '../store/atomic-write.js'
import { storageFailure } from '../store/storage-failure.js'
import type { Figure } from './figure.js'

export interface ExportOptions {
  /** Path of Chromium or Chrome; the usual places are searched when left out. */
  readonly chromium?: string
  /** CSS pixels; 960 when left out. */
  readonly width?: number
  /** Pixels of a PNG to a CSS pixel; 2 when left out. */
  readonly scale?: number
}

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

const browserFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** plotly.js names parts of a figure at random: pinned, equal figures give equal bytes. */
const pinRandom = 'let pinned = 1; Math.random = () => (pinned = (pinned * 16807) % 2147483647) / 2147483647'

const toSvg = (width: number, heights: readonly number[]) => `Promise.all(
  [...document.querySelectorAll('[data-figure]')].map((element, i) =>
    window.Plotly.toImage(element, { format: 'svg', width: ${width}, height: ${JSON.stringify(heights)}[i] })))`

/**
 * Writes figures, one below the other, as a file for papers and slides: `.svg` or `.png` by the file's name.
 * @throws UsageError when the name ends otherwise, or no Chromium or playwright-core is there to draw with
 * @throws StorageError when the file can't be written
 */
export async function exportFigures(
  figures: readonly Figure[],
  file: string,
  options: ExportOptions = {},
): Promise<void> {
  const { width = 960, scale = 2 } = options
  const format = /\.(svg|png)$/i.exec(file)?.[1]?.toLowerCase()
  if (format === undefined) throw new UsageError(`${file}: expected a file name that ends in .svg or .png`)
  const executablePath = findChromium(options.chromium)
  const { chromium } = await loadPlaywright()
  const heights = figures.map(({ layout, alone }) => alone.height ?? layout.height ?? 0)
  const browser = await chromium.launch({ executablePath, args: browserFlags }).catch((cause: unknown) => {
    throw storageFailure('cannot start the browser', executablePath, cause)
  })
  try {
    const context = await browser.newContext({ viewport: { width: width + 60, height: 900 }, deviceScaleFactor: scale })
    await context.addInitScript(pinRandom)
    const page = await context.newPage()
    await page.setContent(
      renderPage({
        title: 'figures',
        theme: 'light',
        figures: Object.fromEntries(figures.map((figure, i) => [`figure-${i}`, figure])),
        body: html`${figures.map((_, i) => html`<div data-figure="figure-${i}" data-alone></div>`)}`,
      }),
    )
    await page.waitForSelector('html[data-drawn]', { state: 'attached' })
    const images = await page.evaluate<string[]>(toSvg(width, heights))
    const svg = stacked(images, width, heights)
    if (format === 'svg') {
      writeFileAtomically(file, svg)
      return
    }
    await page.setContent(`<body style="margin:0;background:#fff">${svg}</body>`)
    writeFileAtomically(file, await page.locator('body > svg').screenshot({ type: 'png' }))
  } finally {
    await browser.close()
  }
}

/**
 * A picture, as PNG, of one element of a page.
 * @param selector - CSS, of an element that is there
 * @throws UsageError when no Chromium or playwright-core is there to draw with
 */
export async function screenshot(page: string, selector: string, options: ExportOptions = {}): Promise<Uint8Array> {
  const { width = 1180, scale = 2 } = options
  const executablePath = findChromium(options.chromium)
  const { chromium } = await loadPlaywright()
  const browser = await chromium.launch({ executablePath, args: browserFlags }).catch((cause: unknown) => {
    throw storageFailure('cannot start the browser', executablePath, cause)
  })
  try {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      deviceScaleFactor: scale,
      colorScheme: 'light',
    })
    const drawn = await context.newPage()
    await drawn.setContent(page)
    await drawn.waitForSelector('html[data-drawn]', { state: 'attached' })
    return await drawn.locator(selector).first().screenshot({ type: 'png' })
  } finally {
    await browser.close()
  }
}

/** The path of a Chromium to draw with. @throws UsageError when there is none */
export function findChromium(path?: string): string {
  const found = (path === undefined ? usualPlaces : [path]).find((candidate) => existsSync(candidate))
  if (found === undefined) {
    const where = path === undefined ? 'in the usual places' : `at ${path}`
    throw new UsageError(
      `SVG and PNG are drawn by Chromium or Chrome, found none ${where}; give its path, or write .html`,
    )
  }
  return found
}

async function loadPlaywright(): Promise<typeof import('playwright-core')> {
  try {
    return await import('playwright-core')
  } catch {
    throw new UsageError(
      'SVG and PNG need the package playwright-core; run "npm install playwright-core", or write .html',
    )
  }
}

/** Several drawings in one, from top to bottom. */
function stacked(images: readonly string[], width: number, heights: readonly number[]): string {
  let top = 0
  const parts = images.map((image, i) => {
    const markup = decodeURIComponent(image.slice(image.indexOf(',') + 1))
    const placed = markup.replace('<svg', `<svg y="${top}"`)
    top += heights[i]!
    return placed
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}">${parts.join('')}</svg>\n`
}
