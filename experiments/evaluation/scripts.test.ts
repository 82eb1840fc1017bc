import { describe, expect, it } from 'vitest'
import { ridge } from '#algorithms/supervised/ridge-policy.js'
import { ModelOutcomes } from '#env/outcomes/model-outcomes.js'
import { Rng } from '#env/rng.js'
import { routingCascade } from '#env/routing-cascade/entry.js'
import { scoreHeldOut } from './held-out-routing.js'

/** Words that come in easy questions, in hard ones and in both, and what stands between words. */
interface Language {
  readonly easy: readonly string[]
  readonly hard: readonly string[]
  readonly both: readonly string[]
  readonly between: string
}

const languages: { readonly [name: string]: Language } = {
  Latin: {
    easy: ['capital', 'colour', 'river', 'month'],
    hard: ['proof', 'integral', 'theorem', 'tensor'],
    both: ['what', 'is', 'the', 'of'],
    between: ' ',
  },
  Hindi: {
    easy: ['राजधानी', 'रंग', 'नदी', 'महीना'],
    hard: ['प्रमाण', 'समाकलन', 'प्रमेय', 'सदिश'],
    both: ['क्या', 'है', 'का', 'में'],
    between: ' ',
  },
  Chinese: {
    easy: ['首都', '颜色', '河流', '月份'],
    hard: ['证明', '积分', '定理', '张量'],
    both: ['什么', '是', '的', '在'],
    between: '',
  },
  Japanese: {
    easy: ['首都', '色', 'かわ', 'カレンダー'],
    hard: ['証明', '積分', 'ていり', 'テンソル'],
    both: ['は', '何', 'です', 'の'],
    between: '',
  },
  Thai: {
    easy: ['เมืองหลวง', 'สี', 'แม่น้ำ', 'เดือน'],
    hard: ['พิสูจน์', 'ปริพันธ์', 'ทฤษฎีบท', 'เทนเซอร์'],
    both: ['คือ', 'อะไร', 'ของ', 'ที่'],
    between: '',
  },
  Arabic: {
    easy: ['عاصمة', 'لون', 'نهر', 'شهر'],
    hard: ['بُرهان', 'تكامل', 'مبرهنة', 'موتر'],
    both: ['ما', 'هي', 'في', 'من'],
    between: ' ',
  },
  Korean: {
    easy: ['수도', '색깔', '강물', '달력'],
    hard: ['증명', '적분', '정리', '텐서'],
    both: ['무엇', '입니까', '그것', '어디'],
    between: ' ',
  },
  Russian: {
    easy: ['столица', 'цвет', 'река', 'месяц'],
    hard: ['доказательство', 'интеграл', 'теорема', 'тензор'],
    both: ['что', 'такое', 'где', 'как'],
    between: ' ',
  },
  Khmer: {
    easy: ['រាជធានី', 'ពណ៌', 'ទន្លេ', 'ខែ'],
    hard: ['ភស្តុតាង', 'អាំងតេក្រាល', 'ទ្រឹស្តីបទ', 'តង់ស័រ'],
    both: ['អ្វី', 'ជា', 'នៃ', 'នៅ'],
    between: '',
  },
}

const mixed: Language = {
  easy: Object.values(languages).map(({ easy }) => easy[0]!),
  hard: Object.values(languages).map(({ hard }) => hard[0]!),
  both: Object.values(languages).map(({ both }) => both[0]!),
  between: ' ',
}

/** Ridge on the default encoder, judged on a third of the questions: the weak model knows the easy ones, the strong one all. */
function apgr({ easy, hard, both, between }: Language, form: 'NFC' | 'NFD' = 'NFC'): number {
  const rng = new Rng('scripts')
  const size = 240
  const pick = (words: readonly string[]) => words[rng.integer(words.length)]!
  const isHard = Array.from({ length: size }, () => rng.uniform() < 0.5)
  const texts = isHard.map((is) =>
    [pick(both), pick(is ? hard : easy), pick(both), pick(both)].join(between).normalize(form),
  )
  const unknown = new Float64Array(size).fill(Number.NaN)
  const column = (correct: number[]) => ({ correct: Float64Array.from(correct), costUsd: unknown, latencyMs: unknown })
  const table = new ModelOutcomes({
    models: ['weak', 'strong'],
    ids: texts.map((_, k) => `q${k}`),
    texts,
    groups: texts.map(() => undefined),
    columns: [column(isHard.map((is) => (is ? 0 : 1))), column(isHard.map(() => 1))],
  })
  const config = routingCascade.schema.parse({ outcomes: 'questions' })
  const rows = Int32Array.from({ length: size }, (_, k) => k)
  const split = { train: rows.filter((k) => k % 3 > 0), test: rows.filter((k) => k % 3 === 0) }
  const data = routingCascade.data!.prepare(config, table, split)
  const { spec } = routingCascade.create(config, data.train)
  const policy = ridge.create({ spec, envConfig: config, data }, ridge.schema.parse({}))
  const score = scoreHeldOut(policy, spec, data.heldOut, 0)
  return (score as unknown as { apgr: number }).apgr
}

describe('the default encoder reads questions in', () => {
  it.each(Object.keys(languages))('%s: a router finds which are hard', (name) => {
    expect(apgr(languages[name]!)).toBeGreaterThanOrEqual(0.7)
    expect(Math.abs(apgr(languages[name]!, 'NFD') - apgr(languages[name]!))).toBeLessThan(1e-9)
  })

  it('all of them in one table', () => {
    expect(apgr(mixed)).toBeGreaterThanOrEqual(0.7)
  })
})
