import { createHash } from 'node:crypto'
import { type Figure, template } from '../figures/figure.js'
import { clientScript } from './client-script.js'
import { escapeHtml, type Html } from './html.js'
import { paletteCss, themes } from './palette.js'
import { plotlySource } from './plotly.js'
import { stylesheet } from './stylesheet.js'

export interface PageContent {
  readonly title: string
  readonly body: Html
  /** By the name that `data-figure` gives. */
  readonly figures: { readonly [name: string]: Figure }
  /** `auto` follows the reader's system. */
  readonly theme?: 'auto' | 'light' | 'dark'
}

/**
 * A whole page in one file: data, styles and scripts inside, plotly.js too where there are figures; nothing loaded from anywhere
 * and nothing sent. Its Content-Security-Policy allows exactly these scripts, by their hashes, and no connection.
 * @throws StorageError when plotly.js isn't installed
 */
export function renderPage(content: PageContent): string {
  const draws = Object.keys(content.figures).length > 0
  const plotly = draws ? inScript(plotlySource()) : ''
  const client = inScript(clientScript)
  const policy = [
    "default-src 'none'",
    `script-src ${draws ? `${scriptHash(plotly)} ` : ''}${scriptHash(client)}`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const { figures, theme = 'auto' } = content
  const data = draws ? { figures, template, themes, theme } : { figures }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Cadre">
<title>${escapeHtml(content.title)}</title>
<link rel="icon" href="data:,">
<style>${paletteCss()}
${stylesheet}</style>
</head>
<body>
${content.body.markup}
<script type="application/json" id="cadre-page">${jsonInScript(data)}</script>
${draws ? `<script>${plotly}</script>\n` : ''}<script>${client}</script>
</body>
</html>
`
}

/** JSON that no HTML parser takes for the end of a script. */
export function jsonInScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** JavaScript that no HTML parser takes for the end of a script; its line ends are those a parser will hash. */
function inScript(code: string): string {
  return code
    .replace(/\r\n?/g, '\n')
    .replace(/<\/(script)/gi, '<\\/$1')
    .replace(/<!--/g, '<\\!--')
}

function scriptHash(code: string): string {
  return `'sha256-${createHash('sha256').update(code).digest('base64')}'`
}
