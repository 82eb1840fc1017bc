import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { UserModuleError } from '#env/errors.js'

/**
 * Imports a `.ts` file: by Node itself where it strips types, else by tsx where that is installed next to the file or next
 * to Cadre.
 * @throws UserModuleError where neither can
 */
export async function importTypeScript(path: string): Promise<{ readonly default?: unknown }> {
  const url = pathToFileURL(path).href
  if (stripsTypes() || process.execArgv.some((argument) => argument.includes('tsx'))) {
    return (await import(/* @vite-ignore */ url)) as { default?: unknown }
  }
  const tsx = findTsx([path, import.meta.url])
  if (tsx === undefined) {
    throw new UserModuleError(
      `${path}: Node ${process.versions.node} can't run TypeScript by itself; use Node 22.18 or later, or \`npm install tsx\` beside the file, or pass a .mjs file`,
    )
  }
  const { tsImport } = (await import(/* @vite-ignore */ tsx.href)) as {
    tsImport(specifier: string, parent: string): Promise<{ readonly default?: unknown }>
  }
  return tsImport(url, import.meta.url)
}

function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript)
}

/** The parts of tsx's package.json that say where its API lies; `require.resolve` would give the CommonJS one. */
interface TsxPackage {
  readonly exports: { readonly './esm/api': { readonly import: { readonly default: string } } }
}

function findTsx(places: readonly string[]): URL | undefined {
  for (const place of places) {
    try {
      const manifest = createRequire(place).resolve('tsx/package.json')
      const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as TsxPackage
      return new URL(exports['./esm/api'].import.default, pathToFileURL(manifest))
    } catch {
      // Not installed there.
    }
  }
  return undefined
}
