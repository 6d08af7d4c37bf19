import { BoundedMap } from '../bounded-map.ts';
import { compile, hasOnlyValues, type Statement } from '../compile.ts';
import type { Sql, SqlValue } from '../statement.ts';
import { isDdl, toPostgresDdl } from '../ddl.ts';
import { encode, encodeText } from './values.ts';

/** A statement as pg takes it. With a name it is prepared once for each connection. */
export interface NamedStatement {
  name?: string;
  text: string;
  values: unknown[];
}

interface Template {
  name?: string;
  text: string;
}

/** Composed texts that are looked at for being used again. */
const rememberedTexts = 512;

/** Composed texts that get a name: the server keeps each for as long as the connection lives. */
const maxNamedTexts = 1024;

/** Finds the statement for a template: its text and name are made once. */
export class Statements {
  readonly #byTemplate = new WeakMap<readonly string[], Template>();
  readonly #seen = new BoundedMap<string, true>(rememberedTexts);
  readonly #named = new Map<string, string>();
  #lastName = 0;

  find(query: Sql): NamedStatement {
    const { strings, parts } = query;
    if (hasOnlyValues(query)) {
      let template = this.#byTemplate.get(strings);
      if (template === undefined && 'raw' in strings) {
        template = this.#newTemplate(compile(query, 'postgres').text);
        this.#byTemplate.set(strings, template);
      }
      if (template !== undefined) return { ...template, values: encodeAll(parts as readonly SqlValue[]) };
    }
    return this.fromText(compile(query, 'postgres'));
  }

  /** Gives a text a name when it is seen for the second time. */
  fromText({ text, values }: Statement): NamedStatement {
    const encoded = encodeAll(values);
    if (isDdl(text)) return { text: toPostgresDdl(text), values: encoded };
    const name = this.#named.get(text);
    if (name !== undefined) return { name, text, values: encoded };
    if (this.#seen.get(text) === undefined) {
      this.#seen.set(text, true);
    } else if (this.#named.size < maxNamedTexts) {
      this.#named.set(text, this.#newName());
    }
    return { text, values: encoded };
  }

  #newTemplate(text: string): Template {
    return isDdl(text) ? { text: toPostgresDdl(text) } : { name: this.#newName(), text };
  }

  #newName(): string {
    return `s${++this.#lastName}`;
  }
}

function encodeAll(values: readonly Statement['values'][number][]): unknown[] {
  const encoded = new Array<unknown>(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Statement['values'][number];
    encoded[i] = Array.isArray(value)
      ? value.map((item) => (typeof item === 'string' ? encodeText(item) : item))
      : encode(value as SqlValue);
  }
  return encoded;
}
