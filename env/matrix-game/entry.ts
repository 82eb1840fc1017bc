import { defineEnv } from '../registry.js'
import { type MatrixGameConfig, matrixGameConfig } from './config.js'
import { MATRIX_GAME_VERSION, MatrixGame } from './matrix-game.js'

export const matrixGame = defineEnv<MatrixGameConfig>({
  name: 'matrix-game',
  aliases: ['matrix'],
  summary: 'a game in normal form, once or repeated: climbing, penalty, or payoffs of your own',
  version: MATRIX_GAME_VERSION,
  schema: matrixGameConfig,
  create: (config) => new MatrixGame(config),
})
