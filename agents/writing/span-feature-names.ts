import { questionKinds } from './asked.js'
import { numSpanKeys } from './span-keys.js'

/** Of a candidate itself. */
export const ownFeatures = [
  'length',
  'words not stop words',
  'matched inside',
  'idf matched inside',
  'mean idf',
  'highest idf',
  'capitals',
  'first capital',
  'cuts capital before',
  'cuts capital after',
  'cuts number',
  'digits',
  'comma inside',
  'and inside',
  'sign before',
  'sign after',
  'position in sentence',
  'begins sentence',
  'ends sentence',
  'sentence of passage',
  'sentence coverage',
  'sentence behind best',
  'sentence rank',
  'coverage with neighbours',
  'near left',
  'near right',
  'wide left',
  'wide right',
  'distance to match left',
  'distance to match right',
  'question words before',
  'question words after',
  'matched idf left',
  'matched idf right',
  'distance to asking',
  'distance to last',
  'distance to focus',
  'focus inside',
  'occurrences',
  'question words',
  'year inside',
  'month inside',
  'question bigram order',
] as const

/** Features of a candidate, by place. */
export const featureNames: readonly string[] = [
  ...ownFeatures,
  ...questionKinds.map((kind) => `asks ${kind}`),
  ...Array.from({ length: numSpanKeys }, (_, k) => `odds ${k}`),
]
export const numFeatures = featureNames.length
