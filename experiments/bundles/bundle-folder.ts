import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The absolute folder where `use` leads to one, as policy bundles do; undefined where it names a policy or a file. */
export function bundleFolder(use: string, baseDir: string): string | undefined {
  const folder = resolve(baseDir, use)
  const isFolder = /[\\/]|^\.+$/.test(use) && existsSync(folder) && statSync(folder).isDirectory()
  return isFolder || existsSync(join(folder, 'policy.json')) ? folder : undefined
}
