import { z } from 'zod'
import { mayExplode, patternTree } from '../team/pattern-tree.js'

/** A JSON Schema, as a team file has it. */
export type JsonSchema = { readonly [key: string]: unknown }

/** What is wrong with a schema, and where in it. */
export interface SchemaProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Checks values by a JSON Schema. @throws Error where it isn't one */
export function zodOf(schema: JsonSchema): z.ZodType {
  return z.fromJSONSchema(naming(schema) as Parameters<typeof z.fromJSONSchema>[0])
}

/** Keywords whose values are data, not schemas. */
const data: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])

/** Keywords that ask for nothing. */
const annotations: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'examples',
  '$comment',
  '$schema',
  '$id',
])

/** The same schema with every required property named, and its type, where it speaks of one: zod doesn't miss what isn't. */
function naming(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(naming)
  if (!isRecord(schema)) return schema
  const inner = Object.entries(schema).map(([key, value]) => {
    if (data.has(key)) return [key, value]
    // What properties are called says nothing.
    const isNames = key === 'properties' && isRecord(value)
    return [
      key,
      isNames ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, naming(one)])) : naming(value),
    ]
  })
  const { enum: values, const: only, ...rest } = schema
  const alone = [
    ...(values === undefined ? [] : [{ enum: values }]),
    ...('const' in schema ? [{ const: only }] : []),
    ...(Object.keys(rest).some((key) => !annotations.has(key)) ? [rest] : []),
  ]
  // Beside a list of values zod hears nothing else.
  if (alone.length > 1) return { allOf: alone.map(naming) }
  const [implied] = impliedTypes(schema)
  const named = { ...(implied === undefined ? {} : { type: implied }), ...Object.fromEntries(inner) } as JsonSchema
  const required = requiredOf(schema)
  if (required.length === 0) return named
  const missing = required
    .filter((name) => !propertiesOf(schema).includes(name))
    .map((name) => [name, naming(schemaOfOther(name, schema))])
  return { ...named, properties: { ...Object.fromEntries(missing), ...(named.properties as object) } }
}

/**
 * Why no model could ever answer by a schema, as far as that can be seen: it isn't one, isn't of an object (which is what JSON mode gives),
 * or nothing fits it. Null where nothing of that is so.
 */
export function schemaProblem(schema: JsonSchema): SchemaProblem | null {
  try {
    zodOf(schema)
  } catch (error) {
    return { path: [], message: `not a JSON Schema that is understood: ${(error as Error).message}` }
  }
  if (schema.type !== 'object') {
    const got = JSON.stringify(schema.type) ?? 'none'
    return { path: ['type'], message: `expected "object": models answer with JSON objects; got ${got}` }
  }
  return untyped(schema, []) ?? unfit(schema, []) ?? endless(schema, [])
}

/** Where a pattern stands that may take forever on what a model says. */
function endless(schema: unknown, path: SchemaProblem['path']): SchemaProblem | null {
  if (Array.isArray(schema)) return firstOf(schema.map((one, k) => endless(one, [...path, k])))
  if (!isRecord(schema)) return null
  return firstOf(
    Object.entries(schema).map(([key, value]) => {
      if (data.has(key)) return null
      if (key === 'pattern' && typeof value === 'string') return endlessPattern(value, [...path, key])
      const isNames = ['properties', '$defs', 'definitions'].includes(key) && isRecord(value)
      if (key === 'patternProperties' && isRecord(value)) {
        const problem = firstOf(Object.keys(value).map((pattern) => endlessPattern(pattern, [...path, key])))
        if (problem !== null) return problem
      }
      if (!isNames && key !== 'patternProperties') return endless(value, [...path, key])
      return firstOf(Object.entries(value as object).map(([name, one]) => endless(one, [...path, key, name])))
    }),
  )
}

function endlessPattern(pattern: string, path: SchemaProblem['path']): SchemaProblem | null {
  try {
    if (!mayExplode(patternTree(pattern))) return null
  } catch (error) {
    return { path, message: `${pattern}: ${(error as Error).message}` }
  }
  const message = `${pattern}: repeats what itself repeats or is one of several, which can take forever on some texts; write it without, such as [ab]* in place of (a|b)*`
  return { path, message }
}

/** Keywords that say something of one type only, and that type. */
const typed: Readonly<Record<string, string>> = {
  ...{
    minimum: 'number',
    maximum: 'number',
    exclusiveMinimum: 'number',
    exclusiveMaximum: 'number',
    multipleOf: 'number',
  },
  ...{ minLength: 'string', maxLength: 'string', pattern: 'string', format: 'string' },
  ...{ items: 'array', prefixItems: 'array', minItems: 'array', maxItems: 'array' },
  ...{ properties: 'object', required: 'object', additionalProperties: 'object', patternProperties: 'object' },
}

/** The types that a schema without one speaks of. */
function impliedTypes(schema: JsonSchema): readonly string[] {
  if (schema.type !== undefined) return []
  return [...new Set(Object.keys(typed).flatMap((key) => (Object.hasOwn(schema, key) ? [typed[key]!] : [])))]
}

/** Where a schema speaks of several types and names none: what of it holds can't be told. */
function untyped(schema: unknown, path: SchemaProblem['path']): SchemaProblem | null {
  if (Array.isArray(schema)) return firstOf(schema.map((one, k) => untyped(one, [...path, k])))
  if (!isRecord(schema)) return null
  const types = impliedTypes(schema)
  if (types.length > 1) return { path, message: `speaks of ${types.join(' and ')} and names no type; add type` }
  return firstOf(
    Object.entries(schema).map(([key, value]) => {
      if (data.has(key)) return null
      const isNames = (key === 'properties' || key === 'patternProperties' || key === '$defs') && isRecord(value)
      if (!isNames) return untyped(value, [...path, key])
      return firstOf(Object.entries(value).map(([name, one]) => untyped(one, [...path, key, name])))
    }),
  )
}

function firstOf(problems: readonly (SchemaProblem | null)[]): SchemaProblem | null {
  return problems.find((problem) => problem !== null) ?? null
}

/** Where a schema wants what nothing can be. */
function unfit(schema: unknown, path: SchemaProblem['path']): SchemaProblem | null {
  if (schema === false) return { path, message: 'nothing fits `false`' }
  if (!isRecord(schema)) return null
  for (const [low, high] of [
    ['minimum', 'maximum'],
    ['minLength', 'maxLength'],
    ['minItems', 'maxItems'],
    ['minProperties', 'maxProperties'],
  ] as const) {
    const [least, most] = [schema[low], schema[high]]
    if (typeof least !== 'number' || typeof most !== 'number') continue
    const isWhole = schema.type === 'integer' && low === 'minimum'
    if (isWhole ? Math.ceil(least) <= Math.floor(most) : least <= most) continue
    return { path: [...path, low], message: `nothing is at least ${least} and at most ${most} (${high})` }
  }
  const { enum: values, const: only } = schema
  const listed = Array.isArray(values) ? values : 'const' in schema ? [only] : null
  if (listed !== null) {
    const { enum: _, const: __, ...rest } = schema
    const others = zodOf(rest)
    if (!listed.some((value) => others.safeParse(value).success)) {
      const key = Array.isArray(values) ? 'enum' : 'const'
      return { path: [...path, key], message: 'no value of it fits the rest of the schema' }
    }
  }
  return unfitProperty(schema, path) ?? unfitItems(schema, path)
}

function unfitProperty(schema: JsonSchema, path: SchemaProblem['path']): SchemaProblem | null {
  const properties = isRecord(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : []
  for (const name of required.map(String)) {
    if (Object.hasOwn(properties, name)) {
      const problem = unfit(properties[name], [...path, 'properties', name])
      if (problem !== null) return problem
    } else if (schemaOfOther(name, schema) === false) {
      return { path: [...path, 'required'], message: `"${name}" is required, and no property is called so` }
    }
  }
  return null
}

/** The schema of a property that isn't named among `properties`: by the pattern that it fits, or that of all others. */
function schemaOfOther(name: string, { patternProperties, additionalProperties }: JsonSchema): unknown {
  const patterns = isRecord(patternProperties) ? Object.entries(patternProperties) : []
  const fit = patterns.find(([pattern]) => new RegExp(pattern, 'u').test(name))
  return fit?.[1] ?? additionalProperties ?? {}
}

function unfitItems({ items, minItems }: JsonSchema, path: SchemaProblem['path']): SchemaProblem | null {
  return typeof minItems === 'number' && minItems > 0 ? unfit(items, [...path, 'items']) : null
}

/** Names of a schema's properties. */
export function propertiesOf({ properties }: JsonSchema): string[] {
  return isRecord(properties) ? Object.keys(properties) : []
}

/** Those that must be there. */
export function requiredOf({ required }: JsonSchema): string[] {
  return Array.isArray(required) ? required.map(String) : []
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
