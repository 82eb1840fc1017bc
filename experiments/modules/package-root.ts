import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of this package's package.json, as a URL ending in a slash, whether run from sources or from dist/. */
export function packageRoot(): URL {
  let folder = new URL('./', import.meta.url)
  while (!existsSync(new URL('package.json', folder))) {
    const parent = new URL('../', folder)
    if (parent.href === folder.href) return new URL('./', import.meta.url)
    folder = parent
  }
  return folder
}

/** The version in this package's package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(fileURLToPath(new URL('package.json', packageRoot())), 'utf8')) as {
    version: string
  }
  return version
}
