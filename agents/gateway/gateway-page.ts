import { createHash } from 'node:crypto'

/** A page that the gateway serves, whole. */
export interface GatewayPage {
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A page of the gateway: nothing in it comes from elsewhere, only its own script runs, its own style holds, and it talks to nobody but the
 * gateway. It shows nothing by itself: what it shows it asks for with the reader's key.
 * @param main - markup, with nothing in it that isn't ours
 */
export function gatewayPage(title: string, style: string, main: string, script: string): GatewayPage {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title} – Cadre</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
${main}
</main>
<script>${script}</script>
</body>
</html>
`
  return { html, headers: pageHeaders(script, style) }
}

/** Where a reader gives a key. */
export function keyForm(id: string, button: string): string {
  return `<form id="${id}" autocomplete="off" hidden>
<div>
<label for="key">A key of this gateway (it stays in this page's memory)</label>
<input id="key" type="password" autocomplete="off" required>
</div>
<button>${button}</button>
</form>`
}

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

function pageHeaders(script: string, style: string): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': [
      "default-src 'none'",
      `script-src ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
}
