import type { z } from 'zod'
import { describeShapes } from '#env/schema-words/describe-shape.js'
import { shapeOf, shapesAt } from '#env/schema-words/schema-shape.js'
import { type Registry, shipped } from './registry.js'

/** One setting of an entry. */
export interface OptionInfo {
  readonly name: string
  /** In plain words: `number in (0, 1]`. */
  readonly type: string
  /** Null where there is none. */
  readonly default: unknown
  readonly description: string
}

/** What lists show of an environment or algorithm. */
export interface EntryInfo {
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  readonly version: string
  readonly defaults: { readonly [key: string]: unknown }
  readonly options: readonly OptionInfo[]
}

/** The environments that names can stand for, with their settings. */
export async function listEnvironments(registry: Registry = shipped): Promise<EntryInfo[]> {
  return (await registry.environments()).map(describeEntry)
}

/** The learners that names can stand for, with their settings. */
export async function listAlgorithms(registry: Registry = shipped): Promise<EntryInfo[]> {
  return (await registry.learners()).map(describeEntry)
}

function describeEntry(entry: {
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  readonly version: string
  readonly schema: z.ZodType
}): EntryInfo {
  const { name, aliases, summary, version, schema } = entry
  const shape = shapeOf(schema)
  const properties = Object.assign({}, ...shapesAt(shape, []).map((one) => one.properties ?? {})) as Record<
    string,
    { default?: unknown; description?: string }
  >
  const options = Object.entries(properties).map(
    ([key, property]): OptionInfo => ({
      name: key,
      type: describeShapes(shapesAt(shape, [key])),
      default: property.default ?? null,
      description: property.description ?? '',
    }),
  )
  const defaults = Object.fromEntries(
    Object.entries(properties).flatMap(([key, one]) => (one.default === undefined ? [] : [[key, one.default]])),
  )
  return { name, aliases, summary, version, defaults, options }
}
