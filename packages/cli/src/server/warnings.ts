/** Node's SQLite is a chosen part; that Node still calls it experimental is of no use to who starts the server. */
export function quietSqliteWarning(): void {
  const emit = process.emitWarning.bind(process) as (warning: string | Error, ...rest: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (String(warning).includes('SQLite is an experimental feature')) return;
    emit(warning, ...rest);
  };
}
