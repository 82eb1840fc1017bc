/** Receives the outcomes of a state and joint action, one `add` an outcome; the same successor may be added several times. */
export interface TransitionSink {
  /**
   * @param successor - state number, 0..numStates-1
   * @param probability - in (0, 1]; the probabilities of one call to `transitions` sum to 1
   * @param reward - the expected team score of this outcome (as spec.score aggregates it), reward units
   * @param terminated - whether the environment ends there: the value of `successor` is then 0 by definition
   */
  add(successor: number, probability: number, reward: number, terminated: boolean): void
}
