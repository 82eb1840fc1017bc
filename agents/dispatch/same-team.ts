import { StateError } from '#env/errors.js'
import { agentName, type RoutingDispatchConfig, resolveInstance } from '#env/routing-dispatch/config.js'

/**
 * Settings that a running team can't change, beside the shapes that its state has: what policies see, how decisions are made, what
 * numbers stand for, and how long a tick is.
 * @throws StateError that names what differs
 */
export function checkSameTeam(before: RoutingDispatchConfig, now: RoutingDispatchConfig): void {
  const [old, anew] = [fixedOf(before), fixedOf(now)]
  for (const [name, value] of Object.entries(old)) {
    const other = anew[name]
    if (JSON.stringify(value) === JSON.stringify(other)) continue
    throw new StateError(
      `routing-dispatch: expected rules of the same team: ${name} is ${JSON.stringify(value)}, got ${JSON.stringify(other)}; start anew with others`,
    )
  }
}

function fixedOf(config: RoutingDispatchConfig): { readonly [name: string]: unknown } {
  const { control, observation, encoding, tickMs, goodSkill, inbox, arrivals } = config
  const { agents, types } = resolveInstance(config)
  const good = agents.map(({ skill }) => skill.map((one) => one >= goodSkill))
  return {
    agents: agents.map(agentName),
    types: types.map(({ name }) => name),
    control,
    observation,
    encoding,
    tickMs,
    ...(observation === 'own-with-counts' ? { 'who is good at what': good } : {}),
    // The numbers of states count on it where several queries wait.
    ...(inbox > 1 ? { 'at most one arrival a tick': arrivals.kind === 'bernoulli' } : {}),
  }
}
