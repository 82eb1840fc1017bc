import { z } from 'zod'

/** The parts of a JSON Schema that messages and lists read. */
export interface SchemaShape {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: SchemaShape | boolean
  readonly prefixItems?: readonly SchemaShape[]
  readonly properties?: { readonly [key: string]: SchemaShape }
  readonly additionalProperties?: SchemaShape | boolean
  readonly anyOf?: readonly SchemaShape[]
  readonly oneOf?: readonly SchemaShape[]
  readonly allOf?: readonly SchemaShape[]
  readonly $ref?: string
  readonly $defs?: { readonly [key: string]: SchemaShape }
}

const shapes = new WeakMap<object, SchemaShape>()

/** What a zod schema accepts, as JSON Schema; empty where it can't be told (a schema of another library). */
export function shapeOf(schema: z.ZodType): SchemaShape {
  let shape = shapes.get(schema)
  if (shape === undefined) {
    try {
      shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaShape
    } catch {
      shape = {}
    }
    shapes.set(schema, shape)
  }
  return shape
}

/** Every shape that the value at a path may have; several where there are alternatives on the way. */
export function shapesAt(root: SchemaShape, path: readonly (string | number)[]): SchemaShape[] {
  let candidates = alternatives(root, root)
  for (const part of path) {
    candidates = candidates.flatMap((shape) => child(shape, part).flatMap((one) => alternatives(one, root)))
  }
  return candidates
}

/** The keys that a mapping at a path may have. */
export function keysAt(root: SchemaShape, path: readonly (string | number)[]): string[] {
  return [...new Set(shapesAt(root, path).flatMap((shape) => Object.keys(shape.properties ?? {})))]
}

function child(shape: SchemaShape, part: string | number): SchemaShape[] {
  if (typeof part === 'number') {
    const fixed = shape.prefixItems?.[part]
    if (fixed !== undefined) return [fixed]
    return typeof shape.items === 'object' ? [shape.items] : []
  }
  if (shape.properties !== undefined && Object.hasOwn(shape.properties, part)) return [shape.properties[part]!]
  return typeof shape.additionalProperties === 'object' ? [shape.additionalProperties] : []
}

function alternatives(shape: SchemaShape, root: SchemaShape): SchemaShape[] {
  const target = shape.$ref === undefined ? shape : dereference(shape.$ref, root)
  const several = target.anyOf ?? target.oneOf ?? target.allOf
  return several === undefined ? [target] : several.flatMap((one) => alternatives(one, root))
}

function dereference(reference: string, root: SchemaShape): SchemaShape {
  if (reference === '#') return root
  return root.$defs?.[reference.replace('#/$defs/', '')] ?? {}
}
