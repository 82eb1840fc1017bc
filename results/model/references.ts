import type { ReferenceLine } from './figure-model.js'
import type { World } from './world.js'

/** What learners are held against: the optimum, the best scripted policy, the best local policies and random, best first. */
export function referenceLines(world: World): ReferenceLine[] {
  const [best] = world.policies
  const lines = [
    { name: optimumName(world), value: world.optimum, strong: true },
    { name: `best scripted: ${best?.name}`, value: best?.value ?? null, strong: false },
    ...world.locals.map(({ environment, value }) => ({
      name: `best local policy: ${environment}`,
      value,
      strong: false,
    })),
    { name: 'random', value: world.random, strong: false },
  ]
  return lines
    .flatMap(({ value, ...line }) => (value === null ? [] : [{ ...line, value }]))
    .sort((a, b) => b.value - a.value)
}

export function optimumName({ exact }: Pick<World, 'exact'>): string {
  return exact ? 'exact optimum' : 'optimum'
}
