/** Receives the outcomes of a state and joint action, one `add` an outcome; the same successor may be added several times. */
export interface TransitionSink {
  /**
   * Arrays are read before `add` returns, so that one array may serve every call.
   * @param successor - state number, 0..numStates-1
   * @param probability - in [0, 1]; the probabilities of one call to `transitions` sum to 1
   * @param rewards - [N], the expected reward of each agent in this outcome, reward units; where spec.score is `shared`, all equal
   * @param terminated - whether the environment ends there: the value of `successor` is then 0 by definition
   * @param elapsed - time the step takes, > 0; what follows is discounted by gamma^elapsed. Default 1
   * @param costs - the expected quantities that `spec.costs` names, in its order; left out where it names none
   */
  add(
    successor: number,
    probability: number,
    rewards: ArrayLike<number>,
    terminated: boolean,
    elapsed?: number,
    costs?: ArrayLike<number>,
  ): void
}

/** Receives the start distribution, one `add` a state; the same state may be added several times. */
export interface StartSink {
  /**
   * @param state - state number, 0..numStates-1, not terminal
   * @param probability - in [0, 1]; the probabilities of one call to `startStates` sum to 1
   */
  add(state: number, probability: number): void
}
