import { z } from 'zod'

/** Actions that each intent requires, in order; as ABCD writes them. */
export type Steps = Readonly<Record<string, readonly string[]>>

export const stepsSchema = z.record(z.string().min(1), z.array(z.string().min(1)).min(1))

/** @throws Error saying where the file is no such list */
export function parseSteps(name: string, bytes: Uint8Array): Steps {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new Error(`${name}: expected JSON, got something else: ${(error as Error).message}`)
  }
  const parsed = stepsSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  const where = path.length === 0 ? '' : `${path.join('.')}: `
  throw new Error(`${name}: ${where}expected {"intent": ["action", ...]}: ${message}`)
}
