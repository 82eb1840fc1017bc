/** The printed instance: four stages, three grades. Its exact values are in the tests. */
export const defaultStages = [
  {
    name: 'understand',
    agents: [
      program('rules', 0.02, 0.01, [
        [0.6, 0.3, 0.1],
        [0.3, 0.5, 0.2],
        [0.1, 0.3, 0.6],
      ]),
      model('small', 0.3, 0.6, 0.04, 3, [
        [0.3, 0.4, 0.3],
        [0.15, 0.4, 0.45],
        [0.05, 0.15, 0.8],
      ]),
    ],
  },
  {
    name: 'retrieve',
    agents: [
      program('keywords', 0.05, 0.05, [
        [0.7, 0.25, 0.05],
        [0.35, 0.45, 0.2],
        [0.15, 0.35, 0.5],
      ]),
      model('hybrid', 0.4, 0.4, 0.03, 3, [
        [0.5, 0.35, 0.15],
        [0.2, 0.4, 0.4],
        [0.05, 0.2, 0.75],
      ]),
    ],
  },
  {
    name: 'write',
    agents: [
      program('extract', 0.05, 0.02, [
        [0.8, 0.15, 0.05],
        [0.5, 0.4, 0.1],
        [0.2, 0.5, 0.3],
      ]),
      model('small', 0.5, 1.2, 0.05, 4, [
        [0.7, 0.25, 0.05],
        [0.3, 0.5, 0.2],
        [0.1, 0.35, 0.55],
      ]),
      model('large', 2, 2.5, 0.02, 6, [
        [0.55, 0.35, 0.1],
        [0.15, 0.4, 0.45],
        [0.03, 0.17, 0.8],
      ]),
    ],
  },
  {
    name: 'check',
    agents: [
      program('none', 0, 0, [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
      model('critic', 0.6, 0.9, 0.03, 4, [
        [0.75, 0.2, 0.05],
        [0.25, 0.35, 0.4],
        [0.02, 0.08, 0.9],
      ]),
    ],
  },
]

/** Entry, asking back, and success by the last grade, of the printed instance. */
export const defaultEntry = [0.3, 0.4, 0.3]
export const defaultAsk = {
  price: 0.5,
  outcome: [
    [0, 0.3, 0.7],
    [0, 0.2, 0.8],
    [0, 0, 1],
  ],
}
export const defaultSuccess = [0.15, 0.55, 0.92]

function program(name: string, price: number, latencyS: number, outcome: number[][]) {
  return model(name, price, latencyS, 0, 0, outcome)
}

function model(name: string, price: number, latencyS: number, failure: number, timeoutS: number, outcome: number[][]) {
  return { name, price, latencyS, failure, timeoutS, repeat: 'again' as const, outcome }
}
