import { resolve } from 'node:path'
import { UsageError } from '#env/errors.js'
import { type ExportOptions, screenshot } from '../figures/export-figures.js'
import { html } from '../page/html.js'
import { renderPage } from '../page/page.js'
import { writeFileAtomically } from '../store/atomic-write.js'
import { drawMapCard, type MapCard } from './map-card.js'

/**
 * Writes values and policies on maps as `.html` or `.png`, by the file's name.
 * @returns the file's path
 * @throws UsageError when the name ends otherwise, or PNG can't be drawn here; StorageError when the file can't be written
 */
export async function writeMaps(
  card: Omit<MapCard, 'id' | 'chooser'>,
  file: string,
  options: ExportOptions = {},
): Promise<string> {
  const path = resolve(file)
  checkMapFile(file)
  const png = /\.png$/i.test(path)
  const page = renderPage({
    title: `${card.title}: values and policies`,
    body: html`<main id="main"><section>${drawMapCard({ ...card, id: 'map', chooser: false })}</section></main>`,
    figures: {},
    theme: png ? 'light' : 'auto',
  })
  writeFileAtomically(path, png ? await screenshot(page, '.card', options) : page)
  return path
}

/** @throws UsageError when the name ends in neither .html nor .png */
export function checkMapFile(file: string): void {
  if (!/\.(html|png)$/i.test(file)) throw new UsageError(`${file}: expected a file name that ends in .html or .png`)
}
