/** What a page says. */
export interface HtmlText {
  /** Of its `title`, else of its first `h1`; null where it has neither. */
  readonly title: string | null
  /** Its words: a blank line between blocks. */
  readonly text: string
}

/** Elements whose content nobody reads. */
const unread = /<(script|style|template|noscript|svg|head)\b[^>]*>[\s\S]*?(<\/\1\s*>|$)/gi
const comment = /<!--[\s\S]*?(-->|$)/g
/** A tag, with quoted attributes that may hold `>`. */
const tag = /<(\/?)([a-z][a-z0-9-]*)(?:"[^"]*"|'[^']*'|[^'">])*>|<![^>]*>/gi
const blocks: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header ' +
    'hr html li main nav ol p pre section summary table tbody tfoot thead tr ul'
  ).split(' '),
)
const entity = /&(#x[0-9a-f]+|#[0-9]+|[a-z]+[0-9]*);/gi
const named: { readonly [name: string]: string } = {
  ...{
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    shy: '',
    copy: '\u00a9',
    reg: '\u00ae',
    trade: '\u2122',
  },
  ...{
    ndash: '\u2013',
    mdash: '\u2014',
    hellip: '\u2026',
    lsquo: '\u2018',
    rsquo: '\u2019',
    ldquo: '\u201c',
    rdquo: '\u201d',
  },
  ...{
    euro: '\u20ac',
    pound: '\u00a3',
    cent: '\u00a2',
    deg: '\u00b0',
    frac12: '\u00bd',
    times: '\u00d7',
    middot: '\u00b7',
  },
  ...{
    auml: '\u00e4',
    ouml: '\u00f6',
    uuml: '\u00fc',
    szlig: '\u00df',
    eacute: '\u00e9',
    egrave: '\u00e8',
    agrave: '\u00e0',
  },
}

/** The words of a page: tags, scripts, styles and comments are left out. */
export function htmlText(html: string): HtmlText {
  const bare = html.replace(comment, '')
  const title = /<title\b[^>]*>([\s\S]*?)<\/title\s*>/i.exec(bare)?.[1]
  const heading = /<h1\b[^>]*>([\s\S]*?)<\/h1\s*>/i.exec(bare)?.[1]
  const said = title ?? heading
  return {
    title: said === undefined ? null : inLine(decoded(said.replace(tag, ''))) || null,
    text: wordsOf(bare),
  }
}

function wordsOf(html: string): string {
  const text = html
    .replace(unread, ' ')
    .replace(/\s+/g, ' ')
    .replace(tag, (_, _closing: string, name: string | undefined) => {
      const element = name?.toLowerCase() ?? ''
      if (blocks.has(element)) return '\n\n'
      if (element === 'br') return '\n'
      return element === 'td' || element === 'th' ? ' ' : ''
    })
  return decoded(text)
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function decoded(text: string): string {
  return text.replace(entity, (whole, name: string) => {
    if (!name.startsWith('#')) return Object.hasOwn(named, name) ? named[name]! : whole
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
    return isCharacter ? String.fromCodePoint(code) : '\ufffd'
  })
}

function inLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
