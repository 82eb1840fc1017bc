/** Markup that is ready to be put into a page. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

type Interpolated = Html | string | number | null | undefined | false | readonly Interpolated[]

/** Markup from a template: interpolated text is escaped, markup and lists of it go in as they are, null and false vanish. */
export function html(strings: TemplateStringsArray, ...values: readonly Interpolated[]): Html {
  return new Html(strings.reduce((markup, string, i) => markup + interpolate(values[i - 1]) + string))
}

/** Text with `& < > " '` made harmless, for content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function interpolate(value: Interpolated): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.markup
  if (Array.isArray(value)) return value.map(interpolate).join('')
  return escapeHtml(String(value))
}
