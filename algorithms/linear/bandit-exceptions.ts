const why =
  'a bandit explores only where it is unsure of an action; where worth comes of later steps it may settle for less before it knows'

/** What linear bandits don't claim with their defaults: right choices that hang on what follows a step. */
export const banditExceptions = {
  truncation: why,
  termination: why,
  'what-follows': why,
  durations: why,
  masks: why,
  leaving: why,
}
