/** The text of an INSERT; `values` is what stands behind VALUES, or a SELECT. */
export function insertText(table: string, columns: readonly string[], values: string, onConflict: string | undefined): string {
  const source = values.startsWith('(') ? `VALUES ${values}` : values;
  const conflict = onConflict === undefined ? '' : ` ON CONFLICT ${onConflict}`;
  return `INSERT INTO ${table} (${columns.join(', ')}) ${source}${conflict}`;
}
