import type { StepLog } from './step-log.js'

/** Rewards of some steps from an entry on, and what the value of what follows the last of them counts. */
export class NStepReturn {
  /** f64 [V] each */
  readonly reward: Float64Array
  readonly discount: Float64Array
  /** The last entry that it reaches: its `next...` columns are what follows. */
  last = 0
  readonly #log: StepLog

  constructor(log: StepLog) {
    this.#log = log
    this.reward = new Float64Array(log.shape.streams)
    this.discount = new Float64Array(log.shape.streams)
  }

  /**
   * sum_k (prod_{j<k} discount_j) reward_k over at most n steps (Sutton and Barto 2018, equation 7.1, discounts gamma^elapsed). The end of
   * an episode cuts it: after termination the discount is 0, at a cut-off the value of what followed counts. So does what hasn't
   * happened yet.
   */
  read(entry: number, n: number): void {
    const { streams } = this.#log.shape
    const { reward, discount } = this.#log.columns
    this.reward.fill(0)
    this.discount.fill(1)
    for (let k = 0, at = entry; k < n && at >= 0; k++, at = this.#log.following(at)) {
      for (let v = 0; v < streams; v++) {
        this.reward[v] = this.reward[v]! + this.discount[v]! * reward[at * streams + v]!
        this.discount[v] = this.discount[v]! * discount[at * streams + v]!
      }
      this.last = at
    }
  }
}
