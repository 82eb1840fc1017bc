import * as module from 'node:module'
import { packageRoot } from './package-root.js'

/** Available from Node 22.15 on: hooks in the thread that asks for them. */
interface SyncHooks {
  registerHooks?(hooks: {
    resolve(
      specifier: string,
      context: { parentURL?: string | undefined },
      next: (specifier: string, context: object) => unknown,
    ): unknown
  }): void
}

let registered = false

/**
 * Lets a user's file import `cadre`, `cadre/env`, ... and `zod` wherever it lies, even where nothing is installed. Only a
 * fallback: what normal resolution finds stays. Each thread that loads user files calls it.
 */
export function registerPackageFallback(): void {
  // Run from its TypeScript sources (by a test runner), the package has no compiled files to fall back to.
  if (registered || import.meta.url.endsWith('.ts')) return
  registered = true
  const rootUrl = new URL('package.json', packageRoot()).href
  const { registerHooks } = module as SyncHooks
  if (registerHooks === undefined) {
    module.register('./package-fallback-hook.js', import.meta.url, { data: { rootUrl } })
    return
  }
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        if (!/^(cadre|zod)(\/|$)/.test(specifier) || context.parentURL === rootUrl) throw error
        try {
          return next(specifier, { ...context, parentURL: rootUrl })
        } catch {
          throw error
        }
      }
    },
  })
}
