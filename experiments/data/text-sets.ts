import { asItIs } from './as-it-is.js'
import type { DataFile, PublishedSet } from './data-set.js'

const abcd = {
  source: {
    repository: 'asappresearch/abcd',
    commit: '6b8700ce67c6b37b062dd7a60abc76d7ef832a97',
    licence: 'MIT',
  },
  folder: 'abcd',
} as const

/** Published sentences, questions and documents that the agents of a team are trained and tried on. */
export const textSets: readonly PublishedSet[] = [
  {
    name: 'snips',
    aliases: [],
    summary: 'requests to a voice assistant with intents and slots: train, valid, test',
    source: {
      repository: 'MiuLab/SlotGated-SLU',
      commit: '61f0307c729b1fad479ef1de94aa5ac5dee601b0',
      licence: 'CC0 1.0 (sonos/nlu-benchmark); the split carries none',
    },
    folder: 'snips',
    rows: 14_484,
    files: [
      snips('train/seq.in', 617_079, '04ad1e3f2121d83c6478f9a4b17d2dbdc21d06d6127f73cb7af835ed733f9855'),
      snips('train/seq.out', 950_926, 'fd5f2121d8055827e5d6b3d3bac30f3d7e94e82a5d437751960cbdd9e1b4f6d3'),
      snips('train/label', 184_532, 'bfd7df6cf9dd76c5da5d8b61bc85f90386197bdd3d7510c1d324c051537b962f'),
      snips('valid/seq.in', 33_629, '64e0f6d8ad8aab3a3828164d7d53731a0993d3ca1aed437ceaca6d3d568d410e'),
      snips('valid/seq.out', 50_626, '712e6d34feb8d52d208b820a5f8bae6e6ff990f08374507dfde22de389088319'),
      snips('valid/label', 9900, '9c1dd041216f647bcfca838aaf1a48eb5781e4404256d31ff07cd38a5436c52f'),
      snips('test/seq.in', 33_121, 'c1e341173fcea2951a8ca371956a6f81c76de87b9583c62eb87edd6158fa3a7c'),
      snips('test/seq.out', 50_918, '58c07c9097d5e1f78889765c2a535a160f6455b90b3142055c8051847afcca47'),
      snips('test/label', 10_120, '37a26da3ad079bb41c42c85a3a8f827eb47efec4c5917ce5d08f4b2736e4f830'),
    ],
  },
  {
    name: 'banking77',
    aliases: ['banking'],
    summary: "customers' questions to a bank with 77 intents: train, test",
    source: {
      repository: 'PolyAI-LDN/task-specific-datasets',
      commit: '57ec275d8078af65b7731c2a98be812d844a6d6b',
      licence: 'CC BY 4.0',
    },
    folder: 'banking77',
    rows: 13_083,
    files: [
      asItIs('banking_data/train.csv', {
        bytes: 839_073,
        sha256: 'b06e26ac675513959a63135f11b94ea7786ed02da65db93a5650d8838cbc664b',
      }),
      asItIs('banking_data/test.csv', {
        bytes: 239_961,
        sha256: 'd12d6e3bc4c3103966ae786dc435913c0c563dfa328f5a3646d0e62cfeeb474d',
      }),
      asItIs('banking_data/categories.json', {
        bytes: 2036,
        sha256: '53261da888122daf2d120d925458631d9619e15d82e56052e7a42e535ce32b63',
      }),
    ],
  },
  {
    name: 'xquad-en',
    aliases: ['xquad'],
    summary: '240 paragraphs of Wikipedia with 1,190 questions and their answers, English',
    source: {
      repository: 'google-deepmind/xquad',
      commit: '7d30520c717524000f0d9d2f9c10a069acd9d285',
      licence: 'CC BY-SA 4.0',
    },
    folder: 'xquad_en',
    rows: 1190,
    files: [
      asItIs('xquad.en.json', {
        bytes: 609_383,
        sha256: 'e4c57d1c9143aaa1c5d265ba5987a65f4e69528d2a98f29d6e75019b10344f29',
      }),
    ],
  },
  {
    ...abcd,
    name: 'abcd',
    aliases: [],
    summary: 'customer service: the required actions of 55 sub-flows, guidelines, three chats',
    rows: 55,
    files: [
      asItIs('data/kb.json', {
        bytes: 5186,
        sha256: '7b1cdb1002e3353451f9a3c3f389f1eabd8ae5d46c1d76f567c71819711f3857',
      }),
      asItIs('data/ontology.json', {
        bytes: 5770,
        sha256: '2e1c1d763518ba084ada7f7bc8b54f0b489c81da3b170875cf9340891e06524c',
      }),
      asItIs('data/guidelines.json', {
        bytes: 95_293,
        sha256: '9264557941df24fe075138a632a2345172971573124a354ccb2ceee2a12e4c2a',
      }),
      asItIs('data/abcd_sample.json', {
        bytes: 38_934,
        sha256: '151e0c487493ab376bb5115538f3bfd6d2f460c94f9daa5cdf04e55bccdf4808',
      }),
    ],
  },
  {
    ...abcd,
    name: 'abcd-chats',
    aliases: [],
    summary: 'all chats of ABCD, packed; known by the id that Git gives it, as nobody here has unpacked it',
    rows: 10_042,
    files: [asItIs('data/abcd_v1.1.json.gz', { gitBlob: 'c6fecb3aed30309ca3456ed93a0a19c98cade1a4' })],
  },
]

function snips(name: string, bytes: number, sha256: string): DataFile {
  return asItIs(`data/snips/${name}`, { bytes, sha256 }, name)
}
