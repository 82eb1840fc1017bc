import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Environment variables by name. */
export type Environment = { readonly [name: string]: string | undefined }

/** Folders that hold data sets, each in a folder of its own. */
export interface DataFolders {
  /** `$CADRE_SHARED/data`: read, never written to. Undefined where the variable isn't set. */
  readonly shared: string | undefined
  /** What `cadre data pull` fills: `$CADRE_DATA`, else `cadre/data` in the user's cache folder. */
  readonly cache: string
  /** Instead of the public address, from `$CADRE_DATA_URL`: a mirror with the same paths. */
  readonly baseUrl: string | undefined
}

/** Where data is kept, from environment variables; one that is set to nothing counts as not set. */
export function dataFolders(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): DataFolders {
  const { CADRE_SHARED: shared, CADRE_DATA: data, CADRE_DATA_URL: url } = env
  return {
    shared: shared ? join(shared, 'data') : undefined,
    cache: data || join(userCache(env, platform, home), 'cadre', 'data'),
    baseUrl: url || undefined,
  }
}

function userCache(env: Environment, platform: NodeJS.Platform, home: string): string {
  if (platform === 'win32') return env.LOCALAPPDATA || join(home, 'AppData', 'Local')
  const { XDG_CACHE_HOME: xdg } = env
  // The XDG base directory specification has relative paths ignored.
  return xdg && isAbsolute(xdg) ? xdg : join(home, '.cache')
}
