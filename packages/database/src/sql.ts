import { ListParameter, RawText, Variants, type Dialect } from './fragments.ts';
import type { Sql, SqlPart } from './statement.ts';

/**
 * Tagged SQL: `sql\`SELECT nid FROM rooms WHERE room_id = ${roomId}\``. A template without nested pieces is compiled
 * once for each place in the code, so hot statements are written as one plain template.
 */
export interface SqlTag {
  (strings: TemplateStringsArray, ...parts: SqlPart[]): Sql;
  /** Text that goes into the statement as it stands: names of tables and columns from the code, never from outside. */
  raw(text: string): Sql;
  /** The pieces one after another with `separator` (default `, `) between them. */
  join(pieces: readonly SqlPart[], separator?: string): Sql;
  /** A value whose type the statement doesn't show (`SELECT ${sql.integer(1)} AS one`). */
  integer(value: number | null): Sql;
  /** See `integer`. */
  text(value: string | null): Sql;
  /**
   * True where `column` (a name from the code) is one of `values`. The statement's text is the same for any number of
   * values, so that it is compiled once. No values: never true.
   */
  anyOf(column: string | Sql, values: readonly (string | number)[]): Sql;
  /** A piece that differs between the databases. */
  byDialect(variants: Readonly<Record<Dialect, Sql>>): Sql;
}

const integerText = ['CAST(', ' AS BIGINT)'];
const textText = ['CAST(', ' AS TEXT)'];

function raw(text: string): Sql {
  return new RawText(text);
}

function join(pieces: readonly SqlPart[], separator = ', '): Sql {
  if (pieces.length === 0) return raw('');
  const strings = Array.from({ length: pieces.length + 1 }, (_, i) =>
    i === 0 || i === pieces.length ? '' : separator,
  );
  return { strings, parts: pieces };
}

function anyOf(column: string | Sql, values: readonly (string | number)[]): Sql {
  const name = typeof column === 'string' ? raw(column) : column;
  if (values.length === 0) return raw('(1 = 0)');
  const [only] = values;
  if (values.length === 1 && only !== undefined) return sql`${name} = ${only}`;
  return new Variants({
    // The unary plus isn't needed for types: json_each gives integers and text, and compares them by the column's affinity.
    sqlite: values.some((value) => typeof value === 'string' && value.includes('\0'))
      ? sql`${name} IN (${join(values)})`
      : sql`${name} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`,
    postgres: sql`${name} = ANY(${new ListParameter(values)})`,
  });
}

function tag(strings: TemplateStringsArray, ...parts: SqlPart[]): Sql {
  return { strings, parts };
}

export const sql: SqlTag = Object.assign(tag, {
  raw,
  join,
  anyOf,
  integer: (value: number | null): Sql => ({ strings: integerText, parts: [value] }),
  text: (value: string | null): Sql => ({ strings: textText, parts: [value] }),
  byDialect: (variants: Readonly<Record<Dialect, Sql>>): Sql => new Variants(variants),
});
