/**
 * Resolve hook for `module.register` (Node without `module.registerHooks`): runs in the loader's own thread. It imports
 * nothing of ours, as it is loaded on its own.
 */

interface ResolveContext {
  readonly parentURL?: string | undefined
}
type NextResolve = (specifier: string, context: ResolveContext) => Promise<unknown>

let rootUrl = ''

/** Receives the URL of a file in the package's folder. */
export function initialize(data: { rootUrl: string }): void {
  rootUrl = data.rootUrl
}

/** Resolves as usual; only where that finds nothing, `cadre`, `cadre/...` and `zod` are those of this package. */
export async function resolve(specifier: string, context: ResolveContext, next: NextResolve): Promise<unknown> {
  try {
    return await next(specifier, context)
  } catch (error) {
    if (!/^(cadre|zod)(\/|$)/.test(specifier) || context.parentURL === rootUrl) throw error
    try {
      return await next(specifier, { ...context, parentURL: rootUrl })
    } catch {
      throw error
    }
  }
}
