import { availableParallelism } from 'node:os'
import { type Command, Option } from 'commander'
import type { BackendReport, TensorBackendName } from '#algorithms/tensor/backend.js'
import { addCommand, type CommandLine, type CommonOptions } from '../command-line.js'
import { printJson, printLines } from '../io.js'
import { textTable } from '../text-table.js'

interface DoctorOptions extends CommonOptions {
  readonly backend: TensorBackendName | 'auto'
}

/** The names of `--backend`; a test holds them to the chain. */
export const backendChoices = ['auto', 'node-gpu', 'webgpu', 'node', 'wasm', 'cpu'] as const

/** What `cadre doctor --json` prints. */
export interface Diagnosis {
  /** The tensor backend that `auto` takes here, or the one that was asked for. */
  readonly active: TensorBackendName
  /** All of them, in the order in which `auto` tries them; `reason` says why one isn't available, `install` what to do. */
  readonly backends: readonly BackendReport[]
  readonly node: string
  /** Such as `linux-x64`. */
  readonly platform: string
  readonly cores: number
}

/** `cadre doctor` */
export function addDoctor(program: Command, line: CommandLine): void {
  addCommand(program, 'doctor', 'what this machine offers: tensor backends, and why the others are missing')
    .addOption(
      new Option('--backend <name>', 'refuse, with exit code 2, unless it is available')
        .choices(backendChoices)
        .default('auto'),
    )
    .action(async (options: DoctorOptions) => {
      const { openBackend, probeBackends } = await import('#algorithms/tensor/backend.js')
      const { backends } = await probeBackends()
      const { name: active } = await openBackend(options.backend)
      const diagnosis: Diagnosis = {
        active,
        backends,
        node: process.version,
        platform: `${process.platform}-${process.arch}`,
        cores: availableParallelism(),
      }
      if (options.json === true) printJson(line.io, diagnosis)
      else printLines(line.io, describe(diagnosis))
    })
}

function describe({ active, backends, node, platform, cores }: Diagnosis): string[] {
  const missing = backends.filter(({ available }) => !available)
  return [
    `Node ${node}, ${platform}, ${cores} cores`,
    '',
    'Tensor backends, in the order in which `auto` tries them:',
    ...textTable(
      backends.map(({ name, available, reason, device }) => [
        `${name === active ? '->' : '  '} ${name}`,
        available ? 'available' : 'missing',
        device ?? reason ?? '',
      ]),
    ),
    ...(missing.length === 0 ? [] : ['', 'To have the missing ones:']),
    ...textTable(missing.map(({ name, install }) => [`   ${name}`, install ?? ''])),
    '',
    active === 'node-gpu' || active === 'webgpu'
      ? 'Tensors run on a GPU here; whether they are faster than arrays depends on size: npm run bench -- tensors'
      : 'Without a GPU arrays are faster than tensors, as measured in docs/tensors.md.',
  ]
}
