import type { JointMdp } from '#env/mdp/tabular-mdp.js'
import { checkMapFile, writeMaps } from '#results/report/write-maps.js'
import { type NamedPolicy, type PolicySetting, policyFor } from '../../bundles/policy-for.js'
import { checkMaps, mapCard } from '../../evaluation/map-card.js'
import type { CommandLine } from '../command-line.js'

/** @throws UsageError when the environment has no maps, or the file's name ends otherwise: before anything is solved */
export function checkPicture(file: string, setting: PolicySetting): void {
  checkMapFile(file)
  checkMaps(setting)
}

/**
 * Draws V* and the policies of `--compare` on the environment's maps.
 * @param solved - V*, f64 [S] on the model, and how far it may be off
 * @returns the file's path
 * @throws UsageError or StorageError when the file can't be drawn or written
 */
export async function drawSolution(
  file: string,
  { setting, model }: { readonly setting: PolicySetting; readonly model: JointMdp },
  solved: { readonly value: Float64Array; readonly within: number; readonly discount: number },
  uses: readonly string[],
  { io, registry }: CommandLine,
): Promise<string> {
  const policies: NamedPolicy[] = []
  for (const use of uses) policies.push(await policyFor(use, setting, { baseDir: process.cwd(), registry }))
  const chromium = io.env.CADRE_CHROMIUM
  return writeMaps(mapCard(setting, model, solved, policies), file, chromium === undefined ? {} : { chromium })
}
