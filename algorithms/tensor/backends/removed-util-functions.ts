import util from 'node:util'

/**
 * Gives `node:util` back two functions that Node.js 23 removed and that every operation of tfjs-node 4.22 calls; without them
 * the package loads and then fails at its first tensor. Functions that are there stay.
 * @param target - the module's own object; another one in tests
 */
export function restoreRemovedUtilFunctions(target: object = util): void {
  const removed = {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  }
  for (const [name, value] of Object.entries(removed)) {
    if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true })
  }
}
