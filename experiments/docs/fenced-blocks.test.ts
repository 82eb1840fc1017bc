import { describe, expect, it } from 'vitest'
import { cadreCommands, fencedBlocks, fileOf } from './fenced-blocks.js'

const page = [
  'text',
  '```sh',
  '# why',
  'cadre envs   # all',
  'npm ci',
  'cadre train a.yaml \\',
  '  --seeds 2',
  '```',
  '```yaml file=a.yaml',
  'a: 1',
  '```',
].join('\n')

describe('fencedBlocks', () => {
  it('finds blocks with their line, language and words', () => {
    const blocks = fencedBlocks(page)
    expect(blocks.map(({ language, line }) => [language, line])).toEqual([
      ['sh', 2],
      ['yaml', 9],
    ])
    expect(blocks.map(fileOf)).toEqual([undefined, 'a.yaml'])
    expect(blocks[1]!.text).toBe('a: 1')
  })

  it('reads the commands of cadre only, without comments', () => {
    expect(cadreCommands(fencedBlocks(page)[0]!)).toEqual([['envs'], ['train', 'a.yaml', '--seeds', '2']])
  })

  it('takes words in quotes as one', () => {
    const [block] = fencedBlocks('```sh\ncadre ask "Where is it?" --explain # now\n```')
    expect(cadreCommands(block!)).toEqual([['ask', 'Where is it?', '--explain']])
  })
})
