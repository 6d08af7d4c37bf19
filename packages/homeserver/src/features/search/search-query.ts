/** A search text taken apart: words, "phrases", -left out, and OR between alternatives. */
export interface SearchQuery {
  /** One of these must be there; in each, all of `wanted` and none of `unwanted`. Texts have a letter or a number in them. */
  readonly alternatives: readonly { readonly wanted: readonly string[]; readonly unwanted: readonly string[] }[];
  /** The words that are looked for, for clients to mark them. */
  readonly highlights: readonly string[];
}

const longestSearch = 500;
const mostTerms = 20;

export function parseSearch(text: string): SearchQuery {
  const alternatives = [{ wanted: [] as string[], unwanted: [] as string[] }];
  const highlights = new Set<string>();
  let terms = 0;
  for (const [word, minus, phrase, plain] of text.slice(0, longestSearch).matchAll(/(-?)(?:"([^"]*)"|([^\s"]+))/g)) {
    const current = alternatives.at(-1) as (typeof alternatives)[number];
    if (word === 'OR' || word === 'or') {
      if (current.wanted.length > 0) alternatives.push({ wanted: [], unwanted: [] });
      continue;
    }
    const term = (phrase ?? plain ?? '').replaceAll('\0', ' ');
    if (!/[\p{L}\p{N}]/u.test(term)) continue;
    if (++terms > mostTerms) break;
    if (minus === '-') current.unwanted.push(term);
    else {
      current.wanted.push(term);
      for (const each of term.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []) highlights.add(each.toLowerCase());
    }
  }
  return { alternatives: alternatives.filter(({ wanted }) => wanted.length > 0), highlights: [...highlights] };
}

/** As SQLite's FTS5 takes it. */
export function ftsExpression({ alternatives }: SearchQuery): string {
  return alternatives
    .map(({ wanted, unwanted }) => {
      const all = `(${wanted.map(quoted).join(' AND ')})`;
      return unwanted.length === 0 ? all : `(${all} NOT (${unwanted.map(quoted).join(' OR ')}))`;
    })
    .join(' OR ');
}

/** As PostgreSQL's websearch_to_tsquery takes it. */
export function webSearch({ alternatives }: SearchQuery): string {
  return alternatives
    .map(({ wanted, unwanted }) => [...wanted.map(quoted), ...unwanted.map((term) => `-${quoted(term)}`)].join(' '))
    .join(' or ');
}

function quoted(term: string): string {
  return `"${term.replaceAll('"', ' ')}"`;
}
