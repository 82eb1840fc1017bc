/** What the gateway tells whoever runs it: a line with fields. Never keys, prompts or answers. */
export interface GatewayLogger {
  info(fields: { readonly [name: string]: unknown }, message: string): void
  warn(fields: { readonly [name: string]: unknown }, message: string): void
  error(fields: { readonly [name: string]: unknown }, message: string): void
}
