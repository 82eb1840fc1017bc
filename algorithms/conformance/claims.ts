import type { WorldTable } from './known-world.js'

/** A choice that tells a right target from a wrong one. */
export interface Decision {
  readonly state: number
  readonly agent: number
  readonly right: number
}

/** What a learner promises about its targets, and the world in which breaking it makes another choice. */
export interface Claim {
  readonly name: string
  /** What holds when it chooses right. */
  readonly promise: string
  /** What a learner that chooses wrong has most likely done. */
  readonly otherwise: string
  readonly world: WorldTable
  readonly decisions: readonly Decision[]
}

/** The discount of every world; the worths below are worked out with it. */
export const CLAIM_DISCOUNT = 0.9

const one = ['learner']

/** What `cadre check` trains a learner on. In each, the right choice is the better one by an eighth of its worth at least. */
export const claims: readonly Claim[] = [
  {
    name: 'truncation',
    promise: 'what follows a truncated step counts',
    otherwise: 'it takes a cut-off for an end: where `truncated` is 1, bootstrap from what follows',
    // Staying earns 1 and is cut off every time: worth 1 / (1 - 0.9) = 10. Leaving earns 3 and ends.
    world: {
      name: 'truncation',
      agents: one,
      states: 2,
      numActions: 2,
      starts: [0],
      step: (_, [action]) =>
        action === 0 ? { next: 0, rewards: [1], truncated: true } : { next: 1, rewards: [3], terminated: true },
    },
    decisions: [{ state: 0, agent: 0, right: 0 }],
  },
  {
    name: 'termination',
    promise: 'nothing follows termination',
    otherwise: 'it bootstraps from what it sees after an end: where `terminated` is 1, the discount is 0',
    // Both actions end; the first, worth 1 and not 2, with a view that is worth 5 where an episode starts in it.
    world: {
      name: 'termination',
      agents: one,
      states: 3,
      numActions: 2,
      starts: [0, 1],
      step: (state, [action]) => {
        if (state === 1) return { next: 2, rewards: [5], terminated: true }
        return { next: action === 0 ? 1 : 2, rewards: [action === 0 ? 1 : 2], terminated: true }
      },
    },
    decisions: [{ state: 0, agent: 0, right: 1 }],
  },
  {
    name: 'what-follows',
    promise: 'it learns from what followed a step, not from the start of the next episode',
    otherwise: 'it bootstraps from the views after a reset: use what followed the step, before any reset',
    // Cut off with 1.5 before a state that is worth nothing, or 3 and an end; the next episode mostly starts in the good state.
    world: {
      name: 'what-follows',
      agents: one,
      states: 3,
      numActions: 2,
      starts: [0, 0, 0, 1],
      step: (state, [action]) => {
        if (state === 1) return { next: 2, rewards: [0], terminated: true }
        return action === 0 ? { next: 1, rewards: [1.5], truncated: true } : { next: 2, rewards: [3], terminated: true }
      },
    },
    decisions: [{ state: 0, agent: 0, right: 1 }],
  },
  {
    name: 'durations',
    promise: 'the discount of a step is gamma^elapsed',
    otherwise: 'it ignores how long a step takes: discount by gamma^elapsed',
    // 1.5 a step for ever: 15. Or 2 in a time of 10: 2 + 0.9^10 15 = 7.2.
    world: {
      name: 'durations',
      agents: one,
      states: 1,
      numActions: 2,
      starts: [0],
      step: (_, [action]) =>
        action === 0 ? { next: 0, rewards: [2], elapsed: 10 } : { next: 0, rewards: [1.5], elapsed: 1 },
    },
    decisions: [{ state: 0, agent: 0, right: 1 }],
  },
  {
    name: 'masks',
    promise: 'only legal actions count in the value of what follows',
    otherwise: "it takes the highest value over actions that aren't legal there: ask the mask of what follows",
    // 1 and then nothing but -5: worth -3.5. Or 0.5 and an end.
    world: {
      name: 'masks',
      agents: one,
      states: 3,
      numActions: 2,
      starts: [0],
      legal: (state) => (state === 1 ? [0] : [0, 1]),
      step: (state, [action]) => {
        if (state === 1) return { next: 2, rewards: [-5], terminated: true }
        return action === 0 ? { next: 1, rewards: [1] } : { next: 2, rewards: [0.5], terminated: true }
      },
    },
    decisions: [{ state: 0, agent: 0, right: 1 }],
  },
  {
    name: 'leaving',
    promise: 'nothing follows for an agent that acts no more, though it comes back later',
    otherwise: "it bootstraps from what an agent sees that isn't there any more: ask `alive` of what follows",
    // The guest earns 1, is gone for a step and comes back to nothing; or earns 2 and ends it. While it is gone it sees what
    // is worth 5 where it is there.
    world: {
      name: 'leaving',
      agents: ['host', 'guest'],
      states: 5,
      numActions: 2,
      starts: [0, 3],
      legal: (state, agent) => (agent === 0 ? [0] : state === 1 ? [] : [0, 1]),
      observed: (state, agent) => (agent === 1 && state === 1 ? 3 : state),
      step: (state, [, guest]) => {
        if (state === 0 && guest === 0) return { next: 1, rewards: [0, 1] }
        if (state === 0) return { next: 4, rewards: [0, 2], terminated: true }
        if (state === 1) return { next: 2, rewards: [0, 0] }
        return { next: 4, rewards: [0, state === 3 ? 5 : 0], terminated: true }
      },
    },
    decisions: [{ state: 0, agent: 1, right: 1 }],
  },
  {
    name: 'absence',
    promise: 'an agent learns nothing from steps in which it did not act',
    otherwise: 'it learns from steps that an agent had no part in: ask `alive` of what was acted on',
    // There, the guest's first action earns 1 and its second nothing. Gone, it sees the same and loses 9 each time.
    world: {
      name: 'absence',
      agents: ['host', 'guest'],
      states: 3,
      numActions: 2,
      starts: [0, 1],
      legal: (state, agent) => (agent === 0 ? [0] : state === 1 ? [] : [0, 1]),
      observed: (state, agent) => (agent === 1 && state === 1 ? 0 : state),
      step: (state, [, guest]) => ({
        next: 2,
        rewards: [0, state === 1 ? -9 : guest === 0 ? 1 : 0],
        terminated: true,
      }),
    },
    decisions: [{ state: 0, agent: 1, right: 0 }],
  },
  {
    name: 'agents',
    promise: 'each agent learns from its own actions and rewards',
    otherwise: "it mixes up agents: entry [row * N + agent] of the actions and rewards is the agent's",
    // The first earns by action 0, the second by action 1.
    world: {
      name: 'agents',
      agents: ['first', 'second'],
      states: 2,
      numActions: 2,
      starts: [0],
      step: (_, [first, second]) => ({
        next: 1,
        rewards: [first === 0 ? 1 : 0, second === 1 ? 1 : 0],
        terminated: true,
      }),
    },
    decisions: [
      { state: 0, agent: 0, right: 0 },
      { state: 0, agent: 1, right: 1 },
    ],
  },
]
