import { UserModuleError } from '#env/errors.js'
import type { EnvEntry } from '#env/registry.js'
import type { TraceContract } from '#env/trace/trace-contract.js'
import type { Registry } from '../modules/registry.js'
import { resolveEnv } from '../modules/resolve.js'

const PARTS = ['initial', 'state', 'events'] as const satisfies readonly (keyof TraceContract)[]

/**
 * A registry in which traces find users' own environments by name, before those that ship.
 * @param files - paths of files that export an `EnvEntry` with `trace`, relative to `baseDir`
 * @throws UserModuleError when a file doesn't load, or its entry has no `trace` with the schemas of `TraceContract`
 */
export async function withEnvironments(
  registry: Registry,
  files: readonly string[],
  baseDir: string,
): Promise<Registry> {
  const own: EnvEntry[] = []
  for (const file of files) {
    const { entry } = await resolveEnv(file, baseDir, { registry })
    checkTrace(file, entry)
    own.push(entry)
  }
  return { ...registry, environments: async () => [...own, ...(await registry.environments())] }
}

function checkTrace(file: string, { trace }: EnvEntry): void {
  if (trace === undefined) {
    throw new UserModuleError(
      `${file}: the entry has no \`trace\`, so its environment can't replay one; add trace: { initial, state, events } of zod schemas, and injectInitial to the environment`,
    )
  }
  for (const part of PARTS) {
    const schema: unknown = trace[part]
    if (part === 'events' && schema === null) continue
    if (typeof (schema as { safeParse?: unknown } | null | undefined)?.safeParse === 'function') continue
    throw new UserModuleError(
      `${file}: trace.${part}: expected a zod schema${part === 'events' ? ', or null where nothing is drawn' : ''}`,
    )
  }
}
