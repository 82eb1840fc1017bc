/** The course of episodes under a policy: boxes of what is done, arrows with the share of the episodes that take them. */
export interface FlowChart {
  /** What an episode is, in the plural. */
  readonly episodes: string
  readonly policy: string
  readonly phases: readonly string[]
  readonly boxes: readonly FlowChartBox[]
  readonly arrows: readonly FlowChartArrow[]
}

export interface FlowChartBox {
  readonly kind: 'acts' | 'ends'
  /** By number, in `phases`. */
  readonly phase: number
  readonly title: string
  readonly notes: readonly string[]
  /** Of the episodes, how often it is come by: 1 = once in each. */
  readonly share: number
}

export interface FlowChartArrow {
  /** By number, in `boxes`; null: from the start. */
  readonly from: number | null
  readonly to: number
  /** Of the episodes, how often it is taken. */
  readonly share: number
}

/**
 * The chart without what is rare: boxes of a phase that fewer episodes than `least` come by become one box, and so do their arrows.
 * @param least - share of the episodes
 */
export function withoutRare(chart: FlowChart, least: number): FlowChart {
  const boxes: FlowChartBox[] = []
  const place: number[] = []
  const rare = new Map<number, { number: number; count: number; share: number }>()
  chart.boxes.forEach((box, b) => {
    if (box.share >= least || box.kind === 'ends') {
      place[b] = boxes.push(box) - 1
      return
    }
    const own = rare.get(box.phase) ?? { number: boxes.push(box) - 1, count: 0, share: 0 }
    own.count++
    own.share += box.share
    rare.set(box.phase, own)
    place[b] = own.number
  })
  for (const [phase, { number, count, share }] of rare) {
    if (count === 1) continue
    boxes[number] = { kind: 'acts', phase, title: 'rare', notes: [`${count} other situations`], share }
  }
  const arrows = new Map<string, { from: number | null; to: number; share: number }>()
  for (const { from, to, share } of chart.arrows) {
    const ends = { from: from === null ? null : place[from]!, to: place[to]! }
    // Within what is rare.
    if (ends.from === ends.to) continue
    const key = `${ends.from} ${ends.to}`
    const arrow = arrows.get(key)
    if (arrow === undefined) arrows.set(key, { ...ends, share })
    else arrow.share += share
  }
  return { ...chart, boxes, arrows: [...arrows.values()] }
}
