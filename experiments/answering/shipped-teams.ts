import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UnknownNameError } from '#env/errors.js'
import { packageRoot } from '../modules/package-root.js'
import { isPath } from '../modules/user-file.js'

/** The team that answers where none is named. */
export const defaultTeam = 'customer-service'

/** Where the teams that ship with Cadre are. */
export function shippedTeams(): string {
  return fileURLToPath(new URL('experiments/shipped-teams/', packageRoot()))
}

/**
 * The file of a team: a path, or the name of one that ships with Cadre.
 * @throws UnknownNameError where there is no such team
 */
export function teamFile(use: string): string {
  // A file that isn't there says so itself.
  if (isPath(use) || /\.(ya?ml|json)$/i.test(use) || existsSync(use)) return use
  const file = join(shippedTeams(), use, 'team.yaml')
  if (existsSync(file)) return file
  const names = readdirSync(shippedTeams(), { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? [one.name] : [],
  )
  throw new UnknownNameError('team', use, names)
}

/** Whether a team's file, which has to be there, ships with Cadre: its folder may be shared or read-only, and nothing is written there. */
export function isShippedTeam(file: string): boolean {
  const place = relative(realpathSync(shippedTeams()), realpathSync(file))
  return !place.startsWith('..') && !isAbsolute(place)
}
