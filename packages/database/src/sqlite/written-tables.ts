import { compile } from '../compile.ts';
import type { Sql } from '../statement.ts';
import type { WriterConnection } from './writer-connection.ts';

/**
 * Notes into which tables a connection writes from now on, by what its statements say. `undefined` stands for
 * all tables: text was run that may have changed anything.
 */
export function watchWrites(writer: WriterConnection): Set<string | undefined> {
  const written = new Set<string | undefined>();
  const known = new WeakMap<readonly string[], readonly (string | undefined)[]>();
  const note = (query: Sql): void => {
    let tables = known.get(query.strings);
    if (tables === undefined) {
      tables = tablesIn(query.strings.join(' ? '));
      // The parts say what it is.
      if (tables.includes(undefined)) tables = tablesIn(compile(query, 'sqlite').text);
      else known.set(query.strings, tables);
    }
    for (const table of tables) written.add(table);
  };
  const { insert, all, get, run, exec } = writer;
  Object.assign(writer, {
    insert(...args: Parameters<WriterConnection['insert']>): void {
      written.add(args[0]);
      insert.apply(writer, args);
    },
    all(query: Sql): unknown[] {
      note(query);
      return all.call(writer, query);
    },
    get(query: Sql): unknown {
      note(query);
      return get.call(writer, query);
    },
    run(query: Sql): number {
      note(query);
      return run.call(writer, query);
    },
    exec(text: string): void {
      if (!harmless.test(text)) written.add(undefined);
      exec.call(writer, text);
    },
  });
  return written;
}

const harmless = /^(BEGIN|COMMIT|ROLLBACK|PRAGMA)\b/;
const target = /\b(?:INTO|UPDATE(?: OR [A-Z]+)?|DELETE FROM)\s+(\w+)?/g;

/** What a statement names, or `undefined` where that can't be told. */
function tablesIn(text: string): (string | undefined)[] {
  if (!/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|PRAGMA)\b/.test(text)) return [undefined];
  return Array.from(text.matchAll(target), (match) => match[1]);
}
