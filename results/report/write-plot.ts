import { resolve } from 'node:path'
import { UsageError } from '#env/errors.js'
import { drawCurves } from '../figures/draw-curves.js'
import { type ExportOptions, exportFigures } from '../figures/export-figures.js'
import { checkComparable } from '../model/comparable.js'
import { reportModel } from '../model/report-model.js'
import { writeFileAtomically } from '../store/atomic-write.js'
import { readRun } from '../store/run-data.js'
import { type PlotOptions, plotTitle, renderPlot } from './render-plot.js'

/**
 * Writes the reward curves of runs as `.html`, `.svg` or `.png`, by the file's name.
 * @returns the file's path
 * @throws UsageError when the name ends otherwise, the runs can't be compared, or SVG and PNG can't be drawn here
 * @throws RecordError when a run can't be read back
 * @throws StorageError when the file can't be written
 */
export async function writePlot(
  runDirectories: readonly string[],
  file: string,
  options: PlotOptions & ExportOptions = {},
): Promise<string> {
  const path = resolve(file)
  if (!/\.(html|svg|png)$/i.test(path)) {
    throw new UsageError(`${file}: expected a file name that ends in .html, .svg or .png`)
  }
  const runs = runDirectories.map(readRun)
  if (/\.html$/i.test(path)) {
    writeFileAtomically(path, renderPlot(runs, options))
    return path
  }
  const { worlds } = reportModel(runs)
  checkComparable(runs, worlds)
  const title = plotTitle(runs, options)
  const figures = worlds.map(({ figures: { scores } }) =>
    drawCurves({ ...scores, title: `${title} \u2013 ${scores.title}` }),
  )
  await exportFigures(figures, path, options)
  return path
}
