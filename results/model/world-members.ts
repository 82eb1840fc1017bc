import type { EnvironmentRecord } from '../store/manifest.js'
import type { EnvironmentReferences, PolicyReference } from '../store/references.js'

/** An environment of a run that belongs to a world. */
export interface Member {
  readonly run: number
  readonly label: string
  readonly record: EnvironmentRecord
  readonly references: EnvironmentReferences | null
}

/** The best policy found in which agents see only their own observation, in one environment. */
export interface LocalReference {
  readonly environment: string
  readonly value: number
}

/** Solvers stop within a tolerance: values count as equal to eight digits. */
export function rounded(value: number): string {
  return value.toPrecision(8)
}

/** Labels without the environment's own name in front, where all have it: "routing-dispatch-full" is "full". */
export function displayNames(members: readonly Member[]): Map<string, string> {
  const prefix = `${members[0]!.record.id}-`
  const labels = [...new Set(members.map((member) => member.label))]
  const cut = labels.length > 1 && labels.every((label) => label.startsWith(prefix) && label.length > prefix.length)
  return new Map(labels.map((label) => [label, cut ? label.slice(prefix.length) : label]))
}

/** Scripted policies of all members. Those of one name are one where they score the same, else each is of its environment. */
export function mergedPolicies(members: readonly Member[], shown: ReadonlyMap<string, string>): PolicyReference[] {
  const byName = new Map<string, { policy: PolicyReference; environment: string }[]>()
  for (const { label, references } of members) {
    for (const policy of references?.policies ?? []) {
      if (policy.name === 'random') continue
      const known = byName.get(policy.name) ?? []
      byName.set(policy.name, known)
      const environment = shown.get(label)!
      const same = known.some((one) => rounded(one.policy.value) === rounded(policy.value))
      if (!same) known.push({ policy, environment })
    }
  }
  return [...byName.values()]
    .flatMap((known) =>
      known.length === 1
        ? [known[0]!.policy]
        : known.map(({ policy, environment }) => ({ ...policy, name: `${policy.name} \u00b7 ${environment}` })),
    )
    .sort((a, b) => b.value - a.value)
}

/** The best local policy of each environment, best first. */
export function mergedLocals(members: readonly Member[], shown: ReadonlyMap<string, string>): LocalReference[] {
  const byLabel = new Map<string, LocalReference>()
  for (const { label: name, references } of members) {
    const label = shown.get(name)!
    const value = references?.bestLocal?.value
    if (value === undefined) continue
    if (value > (byLabel.get(label)?.value ?? Number.NEGATIVE_INFINITY))
      byLabel.set(label, { environment: label, value })
  }
  return [...byLabel.values()].sort((a, b) => b.value - a.value)
}
