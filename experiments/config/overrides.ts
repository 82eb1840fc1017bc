import { parse } from 'yaml'
import { type ConfigProblem, unknownNameMessage } from '#env/errors.js'
import type { ConfigDocument, ConfigPath } from './config-document.js'
import { numbersWithUnderscores } from './yaml-numbers.js'

/** Mappings whose keys are names given in the file: an override changes one, and never adds one. */
const namedSections = ['environments', 'algorithms', 'policies']

/**
 * Carries `a.b=c` settings of a command line into a configuration. Values are YAML, so `3` is a number and `[1, 2]` a
 * list; positions in lists are numbers (`agents.0.price=2`). Whether a key may exist is left to the schema.
 * @returns the problems of settings that can't be carried out
 */
export function applyOverrides(document: ConfigDocument, settings: readonly string[]): ConfigProblem[] {
  return settings.flatMap((setting) => {
    const written = `--set ${setting}`
    const refuse = (path: string, message: string): ConfigProblem[] => [{ path, message, file: written }]
    const equals = setting.indexOf('=')
    if (equals < 1) return refuse('', 'expected key=value, such as discount=0.9')
    const key = setting.slice(0, equals)
    let value: unknown
    try {
      value = parse(setting.slice(equals + 1), { prettyErrors: false, customTags: numbersWithUnderscores })
    } catch (error) {
      return refuse(key, `the value isn't valid YAML: ${(error as Error).message}`)
    }
    const outcome = assign(document.data, key.split('.'), value)
    if (typeof outcome === 'string') return refuse(key, outcome)
    document.markGiven(outcome, written)
    return []
  })
}

/** Sets a value, making mappings on the way; the path it went, or what is wrong. */
function assign(root: unknown, parts: readonly string[], value: unknown): ConfigPath | string {
  let holder = root
  const path: string[] = []
  for (let i = 0; i < parts.length; ) {
    if (Array.isArray(holder)) {
      const index = Number(parts[i])
      if (!Number.isInteger(index) || index < 0 || index >= holder.length) {
        return `${path.join('.')} is a list; expected a position 0..${holder.length - 1}, got "${parts[i]}"`
      }
    } else if (!isMapping(holder)) {
      return `${path.join('.') || 'the configuration'} isn't a mapping and has no keys`
    }
    const [key, next] = longestKey(holder as object, parts, i)
    if (key === '' || key === '__proto__') return `"${parts.join('.')}" isn't a path of keys`
    if (path.length === 1 && namedSections.includes(path[0]!) && !Object.hasOwn(holder as object, key)) {
      return unknownNameMessage(path[0]!.replace(/ies$/, 'y').replace(/s$/, ''), key, Object.keys(holder as object))
    }
    path.push(key)
    const fields = holder as Record<string, unknown>
    if (next === parts.length) fields[key] = value
    else if (fields[key] === undefined || fields[key] === null) fields[key] = {}
    holder = fields[key]
    i = next
  }
  return path
}

/** Keys may hold dots themselves: the longest one that is there wins. */
function longestKey(holder: object, parts: readonly string[], from: number): [key: string, next: number] {
  for (let to = parts.length; to > from + 1; to--) {
    const key = parts.slice(from, to).join('.')
    if (Object.hasOwn(holder, key)) return [key, to]
  }
  return [parts[from]!, from + 1]
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
