import { Env, type EnvState } from '../env.js'
import { Rng, type RngState } from '../rng.js'
import type { Slot } from '../slot.js'
import { box, discrete } from '../space.js'
import type { SparseMatrix } from '../sparse-matrix.js'
import type { EnvSpec } from '../spec.js'

/** Places in a row; whoever goes past the last has ended the episode, and sees the first again. */
const PLACES = 4
/** Visits to come: 0 the visitor is here, k it comes back after k steps. */
const ABSENCES = 3
const LIMIT_STEPS = 9
const COLUMNS = 6

/** What an action earns its agent at a place, [place][action], before the noise all agents share. */
const payOf = {
  anchor: [
    [0.5, -1],
    [-0.25, 1.5],
    [0.75, 0.25],
    [-1.25, 2],
  ],
  visitor: [
    [1, 0.125, -0.5],
    [-2, 0.75, 0.25],
    [0.5, -0.125, 1.25],
    [0.25, 2.5, -1],
  ],
  worker: [
    [0.25, -0.75, 1, 0],
    [1.5, 0.5, -0.25, 0],
    [-1, 0.875, 0.125, 3],
    [0.625, -0.375, 2, -2],
  ],
} as const

/** Actions that may be taken at a place, [place]. */
const legalOf = {
  anchor: ['10', '11', '01', '11'],
  visitor: ['110', '011', '101', '111'],
  worker: ['1110', '0110', '1011', '1111'],
} as const

const names = ['anchor', 'visitor', 'worker'] as const

/** Seven rows, of which some share columns; values are exact in single precision. */
const features: SparseMatrix = {
  rows: 7,
  columns: COLUMNS,
  rowStart: Int32Array.of(0, 2, 3, 6, 6, 8, 10, 11),
  index: Int32Array.of(0, 3, 1, 0, 2, 5, 1, 4, 3, 5, 2),
  value: Float32Array.of(1, 0.5, -1, 0.25, 2, 1, 0.75, -0.5, 1.5, 1, -1.25),
}

/**
 * A team made to catch learners that get a target wrong, for tests. Nothing in it is convenient:
 * - `anchor` (2 actions), `visitor` (3) and `worker` (4) have different actions, observations and rewards;
 * - what is legal depends on the place;
 * - a step takes 1, 2 or 0.5;
 * - the visitor leaves when it takes action 1 and comes back one or two steps later; sometimes it isn't there at the start.
 *   While it is away it sees the same numbers as those who are here, and pays 0.25 a step;
 * - the worker may leave for good, by action 3;
 * - episodes start anywhere, and are cut off after 9 steps; one that ends by its rules shows the first place, where there is much
 *   to earn and actions are legal, to whoever looks.
 * A state is (place, absence, whether the worker left): 24 of them, of which masks and `alive` are functions.
 */
export class ContraryTeam extends Env {
  readonly spec: EnvSpec
  override readonly features: SparseMatrix | undefined = undefined
  #slot!: Slot
  #rng!: Rng
  #place = 0
  #over = false
  #absence = 0
  #left = 0
  #steps = 0

  /** @param options - `features`: agents see sparse features too, in most places */
  constructor(options: { readonly features?: boolean } = {}) {
    super()
    const seesFeatures = options.features === true
    if (seesFeatures) this.features = features
    const widths = { anchor: 2, visitor: 1, worker: 3 }
    const counts = { anchor: PLACES * 2, visitor: PLACES, worker: PLACES * ABSENCES * 2 }
    this.spec = {
      id: 'contrary-team',
      version: '1',
      open: true,
      agents: names.map((name) => ({
        name,
        observation: box(widths[name], -1, PLACES),
        action: discrete(legalOf[name][0].length),
        numObservations: counts[name],
        ...(seesFeatures ? { numFeatures: COLUMNS } : {}),
      })),
      numStates: PLACES * ABSENCES * 2,
      stateSize: 3,
      quantities: [{ name: 'absence', unit: 'steps', description: 'steps until the visitor is back' }],
      score: { aggregate: 'team-sum', over: 'episode' },
      limitSteps: LIMIT_STEPS,
    }
  }

  override bind(slot: Slot): void {
    this.#slot = slot
  }

  override reset(rng: Rng): void {
    this.#rng = rng
    this.#place = rng.integer(PLACES)
    this.#over = false
    this.#absence = rng.uniform() < 0.25 ? 2 : 0
    this.#left = 0
    this.#steps = 0
    this.#slot.reward.fill(0)
    this.#slot.quantities.fill(0)
    this.#slot.elapsed[0] = 1
    this.#write()
  }

  override step(actions: Int32Array): void {
    const slot = this.#slot
    const place = this.#place
    const slips = this.#rng.uniform() < 0.25
    const noise = this.#rng.integer(3) - 1
    const long = this.#rng.integer(ABSENCES - 1) + 1
    const anchor = actions[0]!
    const visitor = this.#absence === 0 ? actions[1]! : 0
    const worker = this.#left === 0 ? actions[2]! : 0
    slot.reward[0] = payOf.anchor[place]![anchor]! + noise / 4
    slot.reward[1] = this.#absence === 0 ? payOf.visitor[place]![visitor]! + noise / 4 : -0.25
    slot.reward[2] = this.#left === 0 ? payOf.worker[place]![worker]! + noise / 4 : 0
    slot.elapsed[0] = [1, 2, 0.5][(place + anchor + worker) % 3]!
    if (this.#absence > 0) this.#absence--
    else if (visitor === 1) this.#absence = long
    if (worker === 3 && !slips) this.#left = 1
    const move = anchor + (worker === 1 ? 1 : 0) - (visitor === 2 ? 1 : 0)
    this.#over = !slips && place + move >= PLACES
    this.#place = this.#over ? 0 : slips ? (place + 2) % PLACES : Math.max(0, place + move)
    this.#steps++
    slot.quantities[0] = this.#absence
    this.#write()
  }

  override saveState(): EnvState {
    return {
      place: this.#place,
      over: this.#over,
      absence: this.#absence,
      left: this.#left,
      steps: this.#steps,
      rng: [...this.#rng.saveState()],
    }
  }

  override loadState(saved: EnvState): void {
    this.#rng ??= new Rng('')
    this.#rng.loadState(saved.rng as unknown as RngState)
    this.#place = saved.place as number
    this.#over = saved.over as boolean
    this.#absence = saved.absence as number
    this.#left = saved.left as number
    this.#steps = saved.steps as number
    this.#write()
  }

  #write(): void {
    const slot = this.#slot
    const [place, absence, left] = [this.#place, this.#absence, this.#left]
    const state = (place * ABSENCES + absence) * 2 + left
    slot.alive.set([1, absence === 0 ? 1 : 0, left === 0 ? 1 : 0])
    slot.mask.fill(0)
    names.forEach((name, i) => {
      if (slot.alive[i] === 0) return
      const legal = legalOf[name][place]!
      for (let a = 0; a < legal.length; a++) slot.mask[i * 4 + a] = legal[a] === '1' ? 1 : 0
    })
    slot.observationId.set([place * 2 + (absence > 0 ? 1 : 0), place, state])
    slot.stateId[0] = state
    if (slot.observation.length > 0) {
      slot.observation.set([place, absence > 0 ? 1 : 0, 0, place, 0, 0, place / 4, absence - 1, left])
    }
    if (slot.state.length > 0) slot.state.set([place, absence, left])
    if (this.features !== undefined) {
      names.forEach((_, i) => {
        slot.featureRow[i] = (place + i) % 3 === 2 ? -1 : (place + 2 * i) % 7
      })
    }
    slot.terminated[0] = this.#over ? 1 : 0
    slot.truncated[0] = !this.#over && this.#steps >= LIMIT_STEPS ? 1 : 0
  }
}
