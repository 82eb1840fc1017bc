import { z } from 'zod'
import { UserModuleError } from '#env/errors.js'
import type { UserFile } from './user-file.js'

/** Keys that experiment files keep for themselves, beside an entry's settings. */
export const reservedKeys = {
  environment: ['use'],
  algorithm: ['use', 'on', 'steps', 'passes', 'rows', 'form'],
  policy: ['use', 'label', 'on'],
} as const

export type EntryKind = keyof typeof reservedKeys

/** What every kind of entry has. */
export interface UserEntry {
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  readonly version: string
  readonly schema: z.ZodType<unknown>
  /** What makes it: of environments and policies `create`, of algorithms one of its `forms`. */
  readonly create?: Maker
  readonly forms?: { readonly [form: string]: Maker }
}

type Maker = (...given: never[]) => unknown

/** Settings of an entry that declares none: whatever JSON can hold. */
const anySettings = z.record(z.string(), z.json())

const entryShape = z.looseObject({
  name: z.string().min(1).optional(),
  version: z.union([z.string().min(1), z.number()]).optional(),
  summary: z.string().optional(),
  schema: z.custom<z.ZodType<unknown>>(isSchema, 'expected a zod schema').optional(),
  create: z.custom<Maker>(isFunction, 'expected a function').optional(),
  forms: z
    .strictObject({
      arrays: z.custom<Maker>(isFunction, 'expected a function').optional(),
      tensors: z.custom<Maker>(isFunction, 'expected a function').optional(),
    })
    .optional(),
  /** Of an algorithm: reads policies of a kind of its own. */
  loadPolicy: z.custom<Maker>(isFunction, 'expected a function').optional(),
})

/**
 * What a user's file exports as default, checked and completed.
 * @throws UserModuleError when it isn't an entry, or its schema claims a reserved key
 */
export function userEntry(file: UserFile, kind: EntryKind): UserEntry {
  const refuse = (message: string) => new UserModuleError(`${file.path}: ${message}`)
  const parsed = entryShape.safeParse(file.exported)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    const where = issue.path.length === 0 ? 'the default export' : `${issue.path.join('.')} of the default export`
    const message = issue.code === 'custom' ? issue.message : issue.message.replace('Invalid input: ', '')
    const made = kind === 'algorithm' ? 'forms' : 'create'
    throw refuse(`${where}: ${message}; export default { name, version, schema, ${made} }`)
  }
  const { name = file.name, version = '0', summary = '', schema = anySettings, create, forms = {} } = parsed.data
  if (kind === 'algorithm' ? Object.keys(forms).length === 0 : create === undefined) {
    throw refuse(
      `the default export has no \`${kind === 'algorithm' ? 'forms' : 'create'}\`; give it ${signatures[kind]}`,
    )
  }
  const claimed = claimedKeys(schema, kind)
  if (claimed.length > 0) {
    throw refuse(
      `its schema has the key "${claimed[0]}", which experiment files keep for themselves (${reservedKeys[kind].join(', ')}); rename it`,
    )
  }
  const entry = { ...parsed.data, name, aliases: [], version: String(version), summary, schema }
  return entry as unknown as UserEntry
}

const signatures: Record<EntryKind, string> = {
  environment: '`create(config)` that returns an environment',
  algorithm: '`forms: { arrays(context, config) }` that returns a learner',
  policy: '`create(context, config)` that returns a policy',
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isSchema(value: unknown): boolean {
  return typeof (value as { safeParse?: unknown } | null)?.safeParse === 'function'
}

/** The schema's own keys among the reserved ones; the shape is read off where the schema is an object. */
function claimedKeys(schema: z.ZodType, kind: EntryKind): string[] {
  const shape = (schema as { shape?: unknown }).shape
  if (typeof shape !== 'object' || shape === null) return []
  return reservedKeys[kind].filter((key) => Object.hasOwn(shape, key))
}
