import { z } from 'zod'
import { type GamePayoffs, presetPayoffs } from './games.js'
import { flattenTensor, type PayoffTensor, tensorProblems } from './payoff-tensor.js'

/** Most joint actions of a game. */
const MAX_JOINT_ACTIONS = 1_000_000

const tensorSchema = z
  .custom<PayoffTensor>((value) => Array.isArray(value), 'expected nested lists of numbers, one level an agent')
  .superRefine((tensor, context) => {
    for (const { path, message } of tensorProblems(tensor)) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
  })

const plainSchema = z.strictObject({
  game: z
    .enum(['climbing', 'penalty', 'rock-paper-scissors', 'stag-hunt', 'prisoners-dilemma', 'custom'])
    .default('climbing')
    .describe('which game: one of the classic ones, or custom with payoffs of your own'),
  k: z.number().max(0).default(-100).describe('penalty only: what missing each other costs, at most 0'),
  payoffs: tensorSchema
    .optional()
    .describe('custom only: payoffs shared by all, nested lists with one level an agent, such as [[1, 0], [0, 1]]'),
  payoffsPerAgent: z
    .array(tensorSchema)
    .min(1)
    .optional()
    .describe('custom only: one tensor of payoffs an agent, all of the same shape'),
  repetitions: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(25)
    .describe('times the game is played in an episode, which then terminates'),
})

export type MatrixGameConfig = z.infer<typeof plainSchema>

/** What decides a run: the schema with the checks that need more than one key. */
export const matrixGameConfig = plainSchema.superRefine((config, context) => {
  const refuse = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
  const { game, payoffs, payoffsPerAgent } = config
  if (game !== 'custom') {
    if (payoffs !== undefined) refuse('payoffs', `${game} has its own payoffs; set game: custom to use these`)
    if (payoffsPerAgent !== undefined) {
      refuse('payoffsPerAgent', `${game} has its own payoffs; set game: custom to use these`)
    }
    return
  }
  if ((payoffs === undefined) === (payoffsPerAgent === undefined)) {
    refuse('payoffs', 'a custom game needs either payoffs (shared by all) or payoffsPerAgent')
    return
  }
  const { tensors, shape } = resolvePayoffs(config)
  if (payoffsPerAgent !== undefined && tensors.length !== shape.length) {
    refuse(
      'payoffsPerAgent',
      `${tensors.length} tensors nested ${shape.length} deep; give one tensor and one level an agent`,
    )
  }
  for (const [i, tensor] of tensors.entries()) {
    const other = flattenTensor(tensor).shape
    if (String(other) !== String(shape)) {
      refuse(
        'payoffsPerAgent',
        `tensor ${i} is ${other.join(' x ')}, tensor 0 is ${shape.join(' x ')}; make them equal`,
      )
    }
  }
  const joint = shape.reduce((product, n) => product * n, 1)
  if (joint > MAX_JOINT_ACTIONS) refuse('payoffs', `${joint} joint actions, at most ${MAX_JOINT_ACTIONS} are possible`)
})

/** The payoffs a config stands for, and how many actions each agent has. */
export function resolvePayoffs(config: MatrixGameConfig): GamePayoffs & { readonly shape: readonly number[] } {
  const { game, payoffs, payoffsPerAgent } = config
  const found: GamePayoffs =
    game !== 'custom'
      ? presetPayoffs(game, config.k)
      : payoffs !== undefined
        ? { shared: true, tensors: [payoffs] }
        : { shared: false, tensors: payoffsPerAgent ?? [] }
  return { ...found, shape: flattenTensor(found.tensors[0] ?? []).shape }
}
