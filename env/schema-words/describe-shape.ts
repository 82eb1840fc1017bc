import type { SchemaShape } from './schema-shape.js'

/** In plain words what a value may be: `number in (0, 1]`, `integer >= 1`, `"a" | "b"`, `list of at least 1 number`. */
export function describeShapes(shapes: readonly SchemaShape[]): string {
  return shapeWords(shapes).join(' or ')
}

/** As `describeShapes`, one text an alternative; none where anything may be, or it can't be told. */
export function shapeWords(shapes: readonly SchemaShape[]): string[] {
  const constants = [...new Set(shapes.flatMap((shape) => constantsOf(shape) ?? []))]
  const others = shapes.filter((shape) => constantsOf(shape) === undefined).map(describeOne)
  if (others.includes('')) return []
  return [...new Set(others), ...(constants.length === 0 ? [] : [constants.join(' | ')])]
}

function constantsOf(shape: SchemaShape): string[] | undefined {
  if (shape.enum !== undefined) return shape.enum.map((value) => JSON.stringify(value))
  if (shape.const !== undefined) return [JSON.stringify(shape.const)]
  return shape.type === 'null' ? ['null'] : undefined
}

function describeOne(shape: SchemaShape): string {
  const several = shape.anyOf ?? shape.oneOf ?? shape.allOf
  if (several !== undefined) return describeShapes(several)
  switch (shape.type) {
    case 'number':
    case 'integer':
      return `${shape.type}${range(shape)}`
    case 'string':
      return shape.minLength !== undefined && shape.minLength > 0 ? 'non-empty text' : 'text'
    case 'boolean':
      return 'true or false'
    case 'array':
      return list(shape)
    case 'object':
      return mapping(shape)
    default:
      return ''
  }
}

function range(shape: SchemaShape): string {
  // zod bounds integers by what a double can count; that isn't worth a word.
  const known = (bound: number | undefined) => (Math.abs(bound ?? 0) === Number.MAX_SAFE_INTEGER ? undefined : bound)
  const low = shape.exclusiveMinimum ?? known(shape.minimum)
  const high = shape.exclusiveMaximum ?? known(shape.maximum)
  const lowOpen = shape.exclusiveMinimum !== undefined
  const highOpen = shape.exclusiveMaximum !== undefined
  if (low !== undefined && high !== undefined) {
    if (shape.type === 'integer' && !lowOpen && !highOpen) return ` ${low}..${high}`
    return ` in ${lowOpen ? '(' : '['}${low}, ${high}${highOpen ? ')' : ']'}`
  }
  if (low !== undefined) return ` ${lowOpen ? '>' : '>='} ${low}`
  return high === undefined ? '' : ` ${highOpen ? '<' : '<='} ${high}`
}

function list(shape: SchemaShape): string {
  const { minItems: least, maxItems: most } = shape
  const item = typeof shape.items === 'object' ? describeShapes([shape.items]) : ''
  const single = least === 1 && (most === undefined || most === 1)
  const of = item === '' ? 'values' : item.startsWith('"') ? `values ${item}` : single ? item : pluralOf(item)
  if (least !== undefined && least === most) return `list of exactly ${least} ${of}`
  if (least !== undefined && most !== undefined) return `list of ${least} to ${most} ${of}`
  if (least !== undefined) return `list of at least ${least} ${of}`
  return most === undefined ? `list of ${of}` : `list of at most ${most} ${of}`
}

function pluralOf(words: string): string {
  return words.replace(/^(number|integer|list)\b/, '$1s').replace(/^(non-empty )?text/, '$1texts')
}

function mapping(shape: SchemaShape): string {
  const keys = Object.keys(shape.properties ?? {})
  return keys.length === 0 ? 'settings by name' : `settings { ${keys.join(', ')} }`
}
