import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, extname, isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CadreError, UserModuleError } from '#env/errors.js'
import { importTypeScript } from './import-typescript.js'
import { registerPackageFallback } from './package-fallback.js'

/** A user's file, loaded. */
export interface UserFile {
  /** Absolute. */
  readonly path: string
  /** Of the file's bytes, in hex. What the file imports isn't covered. */
  readonly sha256: string
  readonly exported: unknown
  /** The file's name without its extension: names the entry where it doesn't name itself. */
  readonly name: string
}

const extensions = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']

/** Whether `use` is a path rather than a registered name. */
export function isPath(use: string): boolean {
  return /^\.{1,2}[\\/]/.test(use) || isAbsolute(use) || /[\\/]/.test(use) || extensions.includes(extname(use))
}

/** What a file must be before any of its code runs. */
export interface ExpectedFile {
  readonly sha256: string
  /** What to throw where it is another. @param sha256 - of the file there is */
  changed(sha256: string): Error
}

/**
 * Imports a user's file.
 * @param use - path, relative to `baseDir`
 * @param expected - checked before the file is imported
 * @throws UserModuleError when it is missing, doesn't load, or has no default export
 */
export async function loadUserFile(use: string, baseDir: string, expected?: ExpectedFile): Promise<UserFile> {
  const path = resolve(baseDir, use)
  const bytes = readBytes(path)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (expected !== undefined && expected.sha256 !== sha256) throw expected.changed(sha256)
  if (!extensions.includes(extname(path))) {
    throw new UserModuleError(`${path}: expected a file ending in ${extensions.join(', ')}`)
  }
  registerPackageFallback()
  const loaded = await importFile(path)
  if (loaded.default === undefined) {
    throw new UserModuleError(`${path}: no default export; end the file with \`export default { name, create }\``)
  }
  return {
    path,
    sha256,
    exported: loaded.default,
    name: basename(path, extname(path)),
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'this is a folder, expected a file' : message
    throw new UserModuleError(`${path}: ${reason}; paths are relative to the file that names them`, { cause })
  }
}

async function importFile(path: string): Promise<{ readonly default?: unknown }> {
  try {
    if (/\.[mc]?ts$/.test(path)) return await importTypeScript(path)
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { default?: unknown }
  } catch (cause) {
    if (cause instanceof CadreError) throw cause
    throw new UserModuleError(`${placeOf(cause, path)}: the file doesn't load: ${reasonOf(cause)}`, { cause })
  }
}

/** `path:line` where the failure tells its line. */
function placeOf(cause: unknown, path: string): string {
  const told = cause instanceof SyntaxError ? syntaxReport(path) : cause instanceof Error ? (cause.stack ?? '') : ''
  const at = told.split('\n').find((line) => line.includes(pathToFileURL(path).href) || line.includes(path))
  const line = at === undefined ? undefined : /:(\d+)(?::\d+)?\)?\s*$/.exec(at)?.[1]
  return line === undefined ? path : `${path}:${line}`
}

/** A syntax error caught from `import()` doesn't tell its line; `node --check` does. */
function syntaxReport(path: string): string {
  return spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: 10_000 }).stderr ?? ''
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const reason = `${cause.name === 'Error' ? '' : `${cause.name}: `}${cause.message.split('\n')[0]}`
  // tsx takes a .ts file for CommonJS unless told otherwise; CommonJS doesn't find this package where it isn't installed.
  const asCommonJs = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
  return asCommonJs
    ? `${reason}; name the file .mts or .mjs, or put "type": "module" in the package.json beside it`
    : reason
}
