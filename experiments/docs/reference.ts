import { agentEntries } from '#agents/agent-entries.js'
import type { AgentEntry } from '#agents/contract/agent-entry.js'
import { profileSchema } from '#agents/simulated/profile-schema.js'
import { dispatchSchema } from '#agents/team/dispatch-schema.js'
import { answeringTeamSchema, memberSchema, pipelineSchema } from '#agents/team/pipeline-schema.js'
import { teamAgentSchema, teamSchema } from '#agents/team/team-schema.js'
import { baselines } from '#algorithms/baselines/baselines.js'
import { environments } from '#env/environments.js'
import type { PolicyEntry } from '#env/registry.js'
import { describeShapes } from '#env/schema-words/describe-shape.js'
import { keysAt, type SchemaShape, shapeOf, shapesAt } from '#env/schema-words/schema-shape.js'
import { suiteSchema } from '../config/bench-suite.js'
import { algorithmKeys, baselineKeys, environmentKeys, experimentSchema } from '../config/experiment-schema.js'
import { type EntryInfo, listAlgorithms, listEnvironments, type OptionInfo } from '../modules/list-entries.js'

const intro = `# Reference

Every key, type and default, written from the schemas that the program itself reads. Don't edit this page: a test fails
when it is out of date, and \`npx vitest run experiments/docs -u\` writes it anew. On the command line: \`cadre envs\` and
\`cadre algorithms\`, with \`--json\` for programs. A dash means that there is no default.
`

/** docs/reference.md: all settings of experiments, benchmark suites, environments, policies and algorithms. */
export async function referencePage(): Promise<string> {
  const sections = [
    intro,
    '## Experiment file\n',
    optionTable(optionsOf(shapeOf(experimentSchema))),
    ...['evaluation', 'references', 'references.bestLocal'].flatMap((path) => [
      `### ${path}\n`,
      optionTable(optionsOf(shapeOf(experimentSchema), path.split('.'))),
    ]),
    '### Keys beside the settings of an entry\n',
    keyTable([
      ['environments', environmentKeys],
      ['algorithms', algorithmKeys],
      ['baselines', baselineKeys],
    ]),
    '## Benchmark suite\n',
    optionTable(optionsOf(shapeOf(suiteSchema))),
    '## Team file\n',
    'What `cadre serve` reads; see [serving a policy](serve.md).\n',
    optionTable(optionsOf(shapeOf(teamSchema))),
    '### dispatch\n',
    'See [a live team](live.md) and [a team of your own](own-team.md). Keys of `environment` are those of',
    '[routing-dispatch](#routing-dispatch).\n',
    optionTable(optionsOf(shapeOf(dispatchSchema))),
    '### Each of typeRules\n',
    optionTable(optionsOf(shapeOf(dispatchSchema.shape.typeRules.unwrap().element))),
    ...['listen', 'limits', 'log', 'exploration'].flatMap((path) => [
      `### ${path}\n`,
      optionTable(optionsOf(shapeOf(teamSchema), [path])),
    ]),
    '### Each of agents\n',
    optionTable(optionsOf(shapeOf(teamAgentSchema))),
    ...['breaker', 'probe', 'price'].flatMap((path) => [
      `### ${path}\n`,
      optionTable(optionsOf(shapeOf(teamAgentSchema), [path])),
    ]),
    '### Each of keys\n',
    optionTable(optionsOf(shapeOf(teamSchema.shape.keys.unwrap().element))),
    '## Team file of a team that answers\n',
    'A file with `pipeline`; see [a question, step by step](pipeline.md). All other keys are those of the [team file](#team-file), but for',
    '`dispatch`, `agents`, `exploration` and `forwardHeaders`.\n',
    optionTable(optionsOf(shapeOf(answeringTeamSchema.pick({ policy: true, pipeline: true })))),
    '### pipeline\n',
    optionTable(optionsOf(shapeOf(pipelineSchema))),
    '### Each of pipeline.agents\n',
    'Its own settings stand beside these: see [agents](#agents-of-a-team-that-answers).\n',
    optionTable(optionsOf(shapeOf(memberSchema))),
    '### Each of looks\n',
    optionTable(optionsOf(shapeOf(pipelineSchema.shape.looks.unwrap().element))),
    '### handOver\n',
    optionTable(optionsOf(shapeOf(pipelineSchema), ['handOver'])),
    '## Agents of a team that answers\n',
    'Those of `pipeline.agents`, by `use`; see [a team that answers](pipeline.md#a-team-that-answers).\n',
    ...agentEntries.flatMap(agentSection),
    '## Profile of a simulated team\n',
    'What `cadre simulate` reads; see [a simulated team](serve.md#a-simulated-team).\n',
    optionTable(optionsOf(shapeOf(profileSchema))),
    '### Each of its agents\n',
    optionTable(optionsOf(shapeOf(profileSchema.shape.agents.element))),
    '## Environments\n',
    ...(await listEnvironments()).flatMap(environmentSection),
    '## Algorithms\n',
    ...(await listAlgorithms()).flatMap(entrySection),
    '## Policies\n',
    'For `baselines` of an experiment and `policies` of a suite.\n',
    policyTable('anywhere', baselines),
    ...environments.flatMap(({ name, policies = [] }) => (policies.length === 0 ? [] : [policyTable(name, policies)])),
  ]
  return `${sections.join('\n').trimEnd()}\n`
}

/** An agent's settings, and those of objects in them. */
function agentSection({ name, aliases, summary, schema }: AgentEntry): string[] {
  const also = aliases.length === 0 ? '' : `\nAlso called ${aliases.map(code).join(', ')}.`
  const root = shapeOf(schema)
  const inner = keysAt(root, []).flatMap((key) => {
    const options = optionsOf(root, [key])
    return options.length === 0 ? [] : [`#### ${key} of ${name}\n`, optionTable(options)]
  })
  const own = optionsOf(root)
  return [
    `### ${name}\n`,
    `${sentence(summary)}${also}\n`,
    own.length === 0 ? 'No settings.\n' : optionTable(own),
    ...inner,
  ]
}

function entrySection({ name, aliases, summary, version, options }: EntryInfo): string[] {
  const also = aliases.length === 0 ? '' : `Also called ${aliases.map(code).join(', ')}. `
  const table = options.length === 0 ? 'No settings.\n' : optionTable(options)
  return [`### ${name}\n`, `${sentence(summary)}\n${also}Version ${version}.\n`, table]
}

/** An environment's settings, and below them those of what it has lists of. */
function environmentSection(info: EntryInfo): string[] {
  const root = shapeOf(environments.find(({ name }) => name === info.name)!.schema)
  const lists = keysAt(root, []).flatMap((key) => {
    const options = optionsOf(root, [key, 0])
    return options.length === 0 ? [] : [`#### Each of ${key} of ${info.name}\n`, optionTable(options)]
  })
  return [...entrySection(info), ...lists]
}

function optionsOf(root: SchemaShape, path: readonly (string | number)[] = []): OptionInfo[] {
  return keysAt(root, path).map((name) => {
    const shapes = shapesAt(root, [...path, name])
    const declared = shapesAt(root, path).flatMap((shape) => shape.properties?.[name] ?? [])
    return {
      name,
      type: describeShapes(shapes),
      default: declared.find((shape) => shape.default !== undefined)?.default ?? null,
      description: declared.find((shape) => shape.description !== undefined)?.description ?? '',
    }
  })
}

function optionTable(options: readonly OptionInfo[]): string {
  return table(
    ['key', 'type', 'default', 'meaning'],
    options.map((option) => [
      code(option.name),
      option.type,
      option.default === null ? '-' : code(JSON.stringify(option.default)),
      option.description,
    ]),
  )
}

function keyTable(groups: readonly (readonly [string, Parameters<typeof shapeOf>[0]])[]): string {
  return table(
    ['of', 'key', 'type', 'meaning'],
    groups.flatMap(([group, schema]) =>
      optionsOf(shapeOf(schema)).map(({ name, type, description }) => [code(group), code(name), type, description]),
    ),
  )
}

function policyTable(where: string, policies: readonly PolicyEntry[]): string {
  const rows = policies.map(({ name, summary, schema }) => [
    code(name),
    summary,
    keysAt(shapeOf(schema), []).map(code).join(', ') || '-',
  ])
  return table([where === 'anywhere' ? 'in any environment' : `in ${where}`, 'what it does', 'settings'], rows)
}

/** A Markdown table with aligned columns, as the formatter leaves it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  const [first, ...rest] = cells.map(line)
  return `${[first, rule, ...rest].join('\n')}\n`
}

function code(text: string): string {
  return `\`${text}\``
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`
}
