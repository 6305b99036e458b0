/** The template with its values, trimmed. What a value itself has in braces stays. */
export function fill(template: string, values: { readonly [name: string]: string }): string {
  return template.trim().replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
