import { readFileSync } from 'node:fs'
import { decodeModel } from '#agents/understanding/model-format.js'
import type { UnderstandingModel } from '#agents/understanding/understanding-model.js'
import { BundleError, StorageError } from '#env/errors.js'
import { whyUnreadable } from '../data/why-unreadable.js'

/**
 * Reads a saved understanding model.
 * @throws BundleError, naming the file, where it is none or altered; StorageError where it can't be read
 */
export function readModel(path: string): UnderstandingModel {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new StorageError(`${path}: can't be read: ${whyUnreadable(error)}`, { cause: error, exitCode: 2 })
  }
  try {
    return decodeModel(bytes)
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    throw new BundleError(`${path}: expected a model that \`cadre understand train\` wrote; ${error.message}`, {
      cause: error,
    })
  }
}
