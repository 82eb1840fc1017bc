import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeBundle, type PolicyBundle } from '#algorithms/bundle/policy-bundle.js'
import { BundleError, StorageError } from '#env/errors.js'

/**
 * The bundle in a folder.
 * @throws BundleError, naming the folder, when it is malformed or altered; StorageError when it can't be read
 */
export function readBundle(folder: string): PolicyBundle {
  if (!existsSync(join(folder, 'policy.json'))) throw new StorageError(absence(folder), { exitCode: 2 })
  const files = {
    'policy.json': read(folder, 'policy.json'),
    'weights.safetensors': read(folder, 'weights.safetensors'),
  }
  return naming(folder, () => decodeBundle(files))
}

/** Why there is no bundle; the folder of a trial has its policy one level below. */
function absence(folder: string): string {
  if (!existsSync(folder)) return `${folder}: no such folder, expected that of a policy bundle`
  const below = join(folder, 'policy')
  const hint = existsSync(join(below, 'policy.json')) ? below : 'the folder `policy` of a trial that is done'
  return `${folder}: has no policy.json, so it is no policy bundle; give ${hint}`
}

/** Runs `use`, putting the bundle's folder before what it is refused with. */
export function naming<T>(folder: string, use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof BundleError) throw new BundleError(`${folder}: ${error.message}`, { cause: error })
    throw error
  }
}

function read(folder: string, name: string): Uint8Array {
  const path = join(folder, name)
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StorageError(`${path}: can't be read (${(error as Error).message})`, { cause: error, exitCode: 2 })
  }
}
