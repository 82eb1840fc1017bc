import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { storing } from '../store/storage-failure.js'

/**
 * The source of plotly.js (cartesian charts), to be put into pages.
 * @throws StorageError when the installed package can't be read
 */
export function plotlySource(): string {
  const require = createRequire(import.meta.url)
  return storing('cannot read', 'plotly.js-cartesian-dist-min', () =>
    readFileSync(require.resolve('plotly.js-cartesian-dist-min'), 'utf8'),
  )
}
