import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { writeFlow } from '#results/report/write-flow.js'
import { checkMapFile, writeMaps } from '#results/report/write-maps.js'
import { type NamedPolicy, type PolicySetting, policyFor } from '../../bundles/policy-for.js'
import { checkMaps, mapCard } from '../../evaluation/map-card.js'
import { flowCharts } from '../../evaluation/policy-flow.js'
import type { CommandLine } from '../command-line.js'

/** @throws UsageError when the environment has neither maps nor a flow chart, or the file's name ends otherwise: before anything is solved */
export function checkPicture(file: string, setting: PolicySetting): void {
  checkMapFile(file)
  if (setting.entry.policyFlow === undefined) checkMaps(setting)
}

/**
 * Draws V* and the policies of `--compare` on the environment's maps, or the optimum and these policies as flow charts.
 * @param solved - V*, f64 [S] on the model, how far it may be off, and the optimal joint actions
 * @returns the file's path
 * @throws UsageError or StorageError when the file can't be drawn or written
 */
export async function drawSolution(
  file: string,
  { setting, model }: { readonly setting: PolicySetting; readonly model: JointMdp },
  solved: {
    readonly value: Float64Array
    readonly policy: Int32Array
    readonly within: number
    readonly discount: number
  },
  uses: readonly string[],
  { io, registry }: CommandLine,
): Promise<string> {
  const policies: NamedPolicy[] = []
  for (const use of uses) policies.push(await policyFor(use, setting, { baseDir: process.cwd(), registry }))
  const chromium = io.env.CADRE_CHROMIUM
  const drawing = chromium === undefined ? {} : { chromium }
  if (setting.entry.policyFlow === undefined) return writeMaps(mapCard(setting, model, solved, policies), file, drawing)
  return writeFlow(setting.spec.id, flowCharts(setting, model, solved, policies), file, drawing)
}
