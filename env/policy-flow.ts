/** How the course of episodes under a policy is drawn as a flow chart: what is done is a box, shares of the episodes are on the arrows. */
export interface PolicyFlow {
  /** What an episode is, in the plural, such as questions. */
  readonly episodes: string
  /** The phases of an episode, in the order in which they are come to. */
  readonly phases: readonly string[]
  /** What taking a joint action in a state is in the chart. Steps of one key are one box. */
  step(state: number, jointAction: number): FlowStep
}

/** A box of the chart, or a step that has none: an arrow goes through it. */
export type FlowStep = FlowBox | { readonly kind: 'passes' }

export interface FlowBox {
  readonly kind: 'acts' | 'ends'
  readonly key: string
  /** By number, in `phases`. */
  readonly phase: number
  readonly title: string
  /** What is known at this point, line by line. */
  readonly notes: readonly string[]
}
