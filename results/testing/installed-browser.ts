import type { Browser } from 'playwright-core'
import { findChromium } from '../figures/export-figures.js'

/** Path of the Chromium to test pages in; null where none is installed. */
export function installedChromium(): string | null {
  try {
    return findChromium()
  } catch {
    return null
  }
}

/** Starts it, without a window and without calls of its own. */
export async function startBrowser(executablePath: string): Promise<Browser> {
  const { chromium } = await import('playwright-core')
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync']
  return chromium.launch({ executablePath, args })
}
