import { isTrue, parseExpression, TemplateError, type Expression, type TemplateValues } from './expression.ts';

export { TemplateError, type TemplateValues } from './expression.ts';

/** A template that was read: gives the text for some values. */
export type Template = (values: TemplateValues) => string;

interface Branch {
  readonly condition: Expression;
  readonly parts: Part[];
}
type Part = string | Expression | readonly Branch[];

/**
 * Reads an HTML template in the part of Jinja2 that pages need: `{{ value }}` (escaped; with `| safe` it isn't),
 * `{% if %}`, `{% elif %}`, `{% else %}`, `{% endif %}` and comments. Throws TemplateError, which names the line, for what
 * isn't known: better than a page that says something else than it should.
 */
export function compileTemplate(source: string): Template {
  const root: Part[] = [];
  const open: Branch[][] = [];
  let parts = root;
  let line = 1;
  const pieces = source.split(/(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\})/);
  for (const [at, piece] of pieces.entries()) {
    try {
      if (at % 2 === 0) parts.push(trimmed(piece, pieces[at - 1], pieces[at + 1]));
      else if (piece.startsWith('{{')) parts.push(output(inside(piece)));
      else if (piece.startsWith('{%')) parts = statement(inside(piece), parts, root, open);
    } catch (error) {
      if (error instanceof TemplateError) throw new TemplateError(`line ${line}: ${error.message}`);
      throw error;
    }
    line += piece.split('\n').length - 1;
  }
  if (open.length > 0) throw new TemplateError(`line ${line}: an {% if %} isn't closed by {% endif %}`);
  return (values) => render(root, values);
}

function statement(text: string, parts: Part[], root: Part[], open: Branch[][]): Part[] {
  const [word = '', ...rest] = text.split(/\s+/);
  const condition = rest.join(' ');
  const branches = open.at(-1);
  const begin = (target: Branch[], check: Expression): Part[] => {
    const branch = { condition: check, parts: [] };
    target.push(branch);
    return branch.parts;
  };
  if (word === 'if') {
    const added: Branch[] = [];
    const inner = begin(added, parseExpression(condition));
    parts.push(added);
    open.push(added);
    return inner;
  }
  if (branches && word === 'elif') return begin(branches, parseExpression(condition));
  if (branches && word === 'else' && condition === '') return begin(branches, () => true);
  if (branches && word === 'endif' && condition === '') {
    open.pop();
    return open.length === 0 ? root : innermost(open);
  }
  throw new TemplateError(`{% ${text} %} isn't known here`);
}

function innermost(open: readonly Branch[][]): Part[] {
  return (open.at(-1) as Branch[]).at(-1)?.parts as Part[];
}

function output(text: string): Expression {
  const [value = '', ...filters] = text.split('|').map((each) => each.trim());
  const expression = parseExpression(value);
  for (const filter of filters) {
    if (filter !== 'safe' && filter !== 'e' && filter !== 'escape')
      throw new TemplateError(`the filter ${filter} isn't known`);
  }
  const isSafe = filters.includes('safe');
  return (values) => {
    const result = expression(values);
    const shown = result === undefined || result === null ? '' : String(result);
    return isSafe ? shown : escapeHtml(shown);
  };
}

function render(parts: readonly Part[], values: TemplateValues): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else if (typeof part === 'function') text += String(part(values));
    else text += render(part.find(({ condition }) => isTrue(condition(values)))?.parts ?? [], values);
  }
  return text;
}

/** What stands between the marks, without the signs that take the space around them away. */
function inside(piece: string): string {
  return piece.slice(2, -2).replace(/^-/, '').replace(/-$/, '').trim();
}

function trimmed(text: string, before: string | undefined, after: string | undefined): string {
  const start = before?.endsWith('-}}') || before?.endsWith('-%}') || before?.endsWith('-#}') ? text.trimStart() : text;
  return after && /^\{[{%#]-/.test(after) ? start.trimEnd() : start;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;');
}
