/** What a template says can't be understood. The message names the line. */
export class TemplateError extends Error {}

export type TemplateValues = Readonly<Record<string, unknown>>;

/** An expression of a template, ready to be worked out. */
export type Expression = (values: TemplateValues) => unknown;

const tokens = /\s*(?:(==|!=|[()|])|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(\d+)|([A-Za-z_]\w*))/y;

/**
 * Names, text, whole numbers, `true`, `false`, `none`, `not`, `and`, `or`, `==`, `!=` and brackets, as in Jinja2. Throws
 * TemplateError for anything else.
 */
export function parseExpression(text: string): Expression {
  const words = tokenize(text);
  let at = 0;
  const take = (word: string): boolean => (words[at] === word ? ++at > 0 : false);

  const or = (): Expression => {
    let left = and();
    while (take('or')) {
      const [a, b] = [left, and()];
      left = (values) => (isTrue(a(values)) ? a(values) : b(values));
    }
    return left;
  };
  const and = (): Expression => {
    let left = not();
    while (take('and')) {
      const [a, b] = [left, not()];
      left = (values) => (isTrue(a(values)) ? b(values) : a(values));
    }
    return left;
  };
  const not = (): Expression => {
    if (!take('not')) return comparison();
    const inner = not();
    return (values) => !isTrue(inner(values));
  };
  const comparison = (): Expression => {
    const left = atom();
    if (take('==')) {
      const right = atom();
      return (values) => left(values) === right(values);
    }
    if (take('!=')) {
      const right = atom();
      return (values) => left(values) !== right(values);
    }
    return left;
  };
  const atom = (): Expression => {
    const word = words[at++];
    if (word === undefined) throw new TemplateError('the expression ends too early');
    if (word === '(') {
      const inner = or();
      if (!take(')')) throw new TemplateError('a bracket is not closed');
      return inner;
    }
    if (/^['"]/.test(word)) {
      const value = word.slice(1, -1).replaceAll(/\\(.)/g, '$1');
      return () => value;
    }
    if (/^\d/.test(word)) return () => Number(word);
    if (!/^[A-Za-z_]/.test(word)) throw new TemplateError(`${word} isn't expected here`);
    const constant = constants.get(word.toLowerCase());
    if (constant !== undefined) return () => constant.value;
    return (values) => (Object.hasOwn(values, word) ? values[word] : undefined);
  };

  const whole = or();
  if (at < words.length) throw new TemplateError(`${words[at]} isn't known here`);
  return whole;
}

const constants = new Map([
  ['true', { value: true }],
  ['false', { value: false }],
  ['none', { value: undefined }],
]);

/** What counts as true in Jinja2: not the empty text, nothing and nought. */
export function isTrue(value: unknown): boolean {
  return Boolean(value);
}

function tokenize(text: string): string[] {
  const words: string[] = [];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < text.trimEnd().length) {
    const from = tokens.lastIndex;
    const match = tokens.exec(text);
    if (!match) throw new TemplateError(`${text.slice(from).trim()} isn't known here`);
    words.push(match[1] ?? match[2] ?? match[3] ?? (match[4] as string));
  }
  return words;
}
