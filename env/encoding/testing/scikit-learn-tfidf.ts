/**
 * Figures of scikit-learn 1.9.1's TfidfVectorizer, frozen: per case the number of columns, the sha256 of the sorted terms joined by
 * NUL, and per test row its entries, the sum of its values and the sum of value * (column + 1).
 */
export const scikitLearnTfidf = {
  train: [
    'The cat sat on the mat.',
    "The  dog ate the cat's   food, didn't it?",
    'Na\u00efve caf\u00e9 \u2014 3.14 is \u03c0; \u00c9COLE!',
    '',
    'x_1 = 2\n\n\tif a: b\u00a0\u00a0c \ud83d\ude00\ud83d\ude00 \u65e5\u672c\u8a9e',
  ],
  test: [
    'The cat sat on the mat.',
    "The  dog ate the cat's   food, didn't it?",
    'Na\u00efve caf\u00e9 \u2014 3.14 is \u03c0; \u00c9COLE!',
    '',
    'x_1 = 2\n\n\tif a: b\u00a0\u00a0c \ud83d\ude00\ud83d\ude00 \u65e5\u672c\u8a9e',
    'the the cat \u03a3\u0391\u03a3 zebra',
  ],
  cases: [
    {
      config: { analyzer: 'word', ngrams: [1, 2], sublinearTf: false, smoothIdf: true, norm: 'l2', minDocuments: 1 },
      columns: 35,
      termsSha256: '23160454d527ce29858220ff33f706969f83eac4670b3a5733ec3c3723c68cf0',
      rows: [
        [10, 3.096941191276, 71.835277253],
        [14, 3.685067477874, 55.487731551],
        [9, 3.0, 43.333333333],
        [0, 0.0, 0.0],
        [5, 2.2360679775, 59.479408201],
        [3, 1.632993161855, 37.558842723],
      ],
    },
    {
      config: { analyzer: 'word', ngrams: [1, 2], sublinearTf: true, smoothIdf: true, norm: 'l2', minDocuments: 1 },
      columns: 35,
      termsSha256: '23160454d527ce29858220ff33f706969f83eac4670b3a5733ec3c3723c68cf0',
      rows: [
        [10, 3.129673538349, 72.221511679],
        [14, 3.714010311719, 55.072280358],
        [9, 3.0, 43.333333333],
        [0, 0.0, 0.0],
        [5, 2.2360679775, 59.479408201],
        [3, 1.674083877918, 37.808455477],
      ],
    },
    {
      config: { analyzer: 'word', ngrams: [1, 1], sublinearTf: false, smoothIdf: false, norm: 'none', minDocuments: 2 },
      columns: 2,
      termsSha256: 'a20e48376b89150b25422bcc81bf83020330dd64ddc0e93f72a88adedf97f80c',
      rows: [
        [2, 5.748872195622, 9.581453659],
        [2, 5.748872195622, 9.581453659],
        [0, 0.0, 0.0],
        [0, 0.0, 0.0],
        [0, 0.0, 0.0],
        [2, 5.748872195622, 9.581453659],
      ],
    },
    {
      config: { analyzer: 'char', ngrams: [1, 3], sublinearTf: true, smoothIdf: true, norm: 'l2', minDocuments: 1 },
      columns: 216,
      termsSha256: 'c17309e1885165bb08908958f4762e48ac0f922aa76383e4b77a613c3d942a9d',
      rows: [
        [45, 6.427686853298, 728.844499734],
        [81, 8.64759613556, 931.465461535],
        [78, 8.705403661682, 976.376093057],
        [0, 0.0, 0.0],
        [61, 7.682094156113, 742.546407416],
        [23, 4.578794196964, 499.987723483],
      ],
    },
    {
      config: { analyzer: 'char_wb', ngrams: [2, 4], sublinearTf: false, smoothIdf: true, norm: 'l2', minDocuments: 1 },
      columns: 217,
      termsSha256: 'de1f42710b9f1cb9eeaeeb721000aafb6ca9a45f9ee5aea73903455a77f544dc',
      rows: [
        [41, 6.090014807418, 679.440377037],
        [81, 8.728579039803, 982.077095513],
        [72, 8.447470050535, 933.00703357],
        [0, 0.0, 0.0],
        [48, 6.904441289742, 666.323767345],
        [18, 4.008604589555, 453.167328404],
      ],
    },
    {
      config: { analyzer: 'char_wb', ngrams: [5, 9], sublinearTf: false, smoothIdf: true, norm: 'l2', minDocuments: 1 },
      columns: 66,
      termsSha256: '789cacd00893eb46d0b242633704a60e95b6f71963b561778a7b9915e4b6a5b6',
      rows: [
        [7, 2.595658832223, 81.565646908],
        [26, 5.065473538252, 173.060984248],
        [25, 5.0, 194.2],
        [0, 0.0, 0.0],
        [9, 3.0, 55.0],
        [2, 1.37678100014, 33.844651507],
      ],
    },
  ],
} as const
