import { Rng } from '#env/rng.js'
import { tagsOf } from '../bio.js'
import { type Example, exampleOfWords } from '../example.js'

const lists: { readonly [slot: string]: readonly string[] } = {
  city: ['boston', 'new york', 'san francisco', 'paris', 'lyon', 'rome', 'oslo', 'salt lake city', 'bern', 'york'],
  day: ['today', 'tomorrow', 'monday', 'next friday', 'tonight', 'the third of may'],
  number: ['two', 'three', 'four', '5', '12'],
  artist: ['miles davis', 'boston', 'nina simone', 'the third eye', 'paris sisters', 'bach'],
}

const patterns: { readonly [intent: string]: readonly string[] } = {
  weather: [
    'what is the weather in {city} {day}',
    'will it rain {day} in {city}',
    'weather for {city}',
    'is it cold {day}',
  ],
  book: ['book a table for {number} in {city}', 'i need a table {day} for {number}', 'reserve a place in {city} {day}'],
  music: [
    'play something by {artist}',
    'play {artist}',
    'i want to hear {artist} {day}',
    'put on {number} songs by {artist}',
  ],
}

/** Sentences of three intents from patterns and word lists, in which some words are different slots in different places. */
export function toySentences(count: number, seed = 'toy'): Example[] {
  const rng = new Rng(seed)
  const pick = <T>(list: readonly T[]) => list[rng.integer(list.length)]!
  return Array.from({ length: count }, () => {
    const intent = pick(Object.keys(patterns))
    const words: string[] = []
    const spans = pick(patterns[intent]!)
      .split(' ')
      .flatMap((part) => {
        const name = /^\{(.*)\}$/.exec(part)?.[1]
        const first = words.length
        words.push(...(name === undefined ? part : pick(lists[name]!)).split(' '))
        return name === undefined ? [] : [{ name, first, end: words.length }]
      })
    return exampleOfWords(words, tagsOf(spans, words.length), intent)
  })
}
