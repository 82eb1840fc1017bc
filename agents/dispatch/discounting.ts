/**
 * What a unit of reward counts from the start, by when it is earned: discount^t, t in ticks since the start. Where the discount changes on
 * the way, each stretch of time counts by the one that held in it.
 */
export class Discounting {
  #discount: number
  /** Since when `#discount` holds, ticks since the start, and what counts then. */
  #since = 0
  #weight = 1

  /** @param discount - gamma a tick, 0 to below 1 */
  constructor(discount: number) {
    this.#discount = discount
  }

  /** gamma a tick that holds now. */
  get discount(): number {
    return this.#discount
  }

  /** Another discount holds from a time on. @param from - ticks since the start, not before the last change */
  change(discount: number, from: number): void {
    if (discount === this.#discount) return
    this.#weight = this.at(from)
    this.#since = from
    this.#discount = discount
  }

  /** What counts at a time. @param time - ticks since the start, not before the last change */
  at(time: number): number {
    return this.#weight * this.#discount ** (time - this.#since)
  }

  /** The mean of what counts over from..to, ticks since the start, not before the last change. */
  mean(from: number, to: number): number {
    return this.#weight * meanPower(this.#discount, from - this.#since, to - this.#since)
  }
}

/** The mean of discount^t over from..to, (discount^from - discount^to) / ((to - from) ln(1 / discount)). */
function meanPower(discount: number, from: number, to: number): number {
  if (discount === 1 || from === to) return discount ** from
  // Of no time but the start.
  if (discount === 0) return 0
  const x = (to - from) * Math.log(1 / discount)
  return (discount ** from * -Math.expm1(-x)) / x
}
