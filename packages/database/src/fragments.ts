import type { Sql, SqlPart } from './statement.ts';

export type Dialect = 'sqlite' | 'postgres';

const none: readonly SqlPart[] = [];

/** Text from the code, without values. */
export class RawText implements Sql {
  readonly strings: readonly string[];
  readonly parts = none;
  constructor(text: string) {
    this.strings = [text];
  }
}

/** A piece that differs between the databases; chosen when the statement is put together. */
export class Variants implements Sql {
  readonly strings: readonly string[] = [];
  readonly parts = none;
  readonly #variants: Readonly<Record<Dialect, Sql>>;
  constructor(variants: Readonly<Record<Dialect, Sql>>) {
    this.#variants = variants;
  }
  for(dialect: Dialect): Sql {
    return this.#variants[dialect];
  }
}

/** Several values as one parameter: an array of PostgreSQL. */
export class ListParameter implements Sql {
  readonly strings: readonly string[] = [];
  readonly parts = none;
  readonly values: readonly (string | number)[];
  constructor(values: readonly (string | number)[]) {
    this.values = values;
  }
}
