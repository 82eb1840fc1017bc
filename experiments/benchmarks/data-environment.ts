import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../modules/package-root.js'

/** The environment's variables, with CADRE_SHARED beside the project where it isn't set. */
export function dataEnvironment(): NodeJS.ProcessEnv {
  const beside = fileURLToPath(new URL('../shared', packageRoot()))
  return process.env.CADRE_SHARED === undefined && existsSync(beside)
    ? { ...process.env, CADRE_SHARED: beside }
    : process.env
}
