import { UnknownNameError, unknownNameMessage } from '#env/errors.js'
import type { EnvEntry, PolicyEntry } from '#env/registry.js'
import { policyNames, type Resolved, resolvePolicy } from '../modules/resolve.js'
import { isPath } from '../modules/user-file.js'
import type { ConfigPath } from './config-document.js'
import { type EntryReader, isMapping } from './entry-reader.js'
import { baselineKeys } from './experiment-schema.js'
import type { LoadedBaseline, LoadedEntry } from './loaded-experiment.js'

/** One item of the list, read. */
interface Item {
  readonly use: string
  readonly usePath: ConfigPath
  readonly path: ConfigPath
  readonly on: readonly string[]
  readonly settings: Record<string, unknown>
  readonly label?: string
  readonly position: number
}

type Environments = readonly LoadedEntry<EnvEntry>[]

/**
 * Reads the `baselines` of an experiment. A name stands for an environment's own policy first, then for a generic one; a
 * baseline acts in all the environments that know it, or in those of its `on`.
 */
export async function readBaselines(
  reader: EntryReader,
  raw: unknown,
  environments: Environments,
  labels: readonly string[],
): Promise<LoadedBaseline[]> {
  const loaded: LoadedBaseline[] = []
  for (const [i, item] of (Array.isArray(raw) ? raw : []).entries()) {
    const path = ['baselines', i]
    if (typeof item === 'string' && item !== '') {
      const plain = { use: item, usePath: path, path, on: labels, settings: {}, position: i }
      loaded.push(...(await readOne(reader, plain, environments)))
    } else if (isMapping(item)) {
      const { own, settings } = reader.split(path, item, baselineKeys)
      if (own === undefined) continue
      const on = reader.on([...path, 'on'], own.on, labels)
      const { use, label } = own
      const given = {
        use,
        usePath: [...path, 'use'],
        path,
        on,
        settings,
        position: i,
        ...(label === undefined ? {} : { label }),
      }
      loaded.push(...(await readOne(reader, given, environments)))
    }
  }
  refuseTwins(reader, loaded)
  return loaded
}

/** Environments that share one policy entry. */
interface Group {
  readonly resolved: Resolved<PolicyEntry>
  readonly on: string[]
}

async function readOne(reader: EntryReader, item: Item, environments: Environments): Promise<LoadedBaseline[]> {
  const candidates = environments.filter(({ label }) => item.on.includes(label))
  if (candidates.length === 0) return []
  const groups = isPath(item.use)
    ? await inFile(reader, item, candidates)
    : await inEnvironments(reader, item, candidates)
  return groups.flatMap(({ resolved, on }): LoadedBaseline[] => {
    const config = reader.settings(item.path, resolved.entry.schema, item.settings, baselineKeys)
    return config === undefined
      ? []
      : [{ label: item.label ?? resolved.entry.name, ...resolved, config, on, position: item.position }]
  })
}

async function inFile(reader: EntryReader, item: Item, candidates: Environments): Promise<Group[]> {
  const resolved = await reader.attempt(item.usePath, () =>
    resolvePolicy(item.use, reader.baseDir, candidates[0]!.entry, reader.options),
  )
  return resolved === undefined ? [] : [{ resolved, on: candidates.map(({ label }) => label) }]
}

/** The same name may be another policy in another environment; environments without it are left out. */
async function inEnvironments(reader: EntryReader, item: Item, candidates: Environments): Promise<Group[]> {
  const groups = new Map<PolicyEntry, Group>()
  for (const { label, entry } of candidates) {
    let resolved: Resolved<PolicyEntry>
    try {
      resolved = await resolvePolicy(item.use, reader.baseDir, entry, reader.options)
    } catch (error) {
      if (error instanceof UnknownNameError) continue
      throw error
    }
    const group = groups.get(resolved.entry)
    if (group === undefined) groups.set(resolved.entry, { resolved, on: [label] })
    else group.on.push(label)
  }
  if (groups.size === 0) {
    const known = await policyNames(
      candidates.map(({ entry }) => entry),
      reader.options,
    )
    reader.refuse(item.usePath, unknownNameMessage('policy', item.use, known))
  }
  return [...groups.values()]
}

function refuseTwins(reader: EntryReader, loaded: readonly LoadedBaseline[]): void {
  const seen = new Set<string>()
  for (const { label, on, position } of loaded) {
    for (const environment of on) {
      const key = JSON.stringify([label, environment])
      if (seen.has(key)) {
        reader.refuse(['baselines', position], `two baselines are called "${label}"; give one another \`label\``)
        break
      }
      seen.add(key)
    }
  }
}
