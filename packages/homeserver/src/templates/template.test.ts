import { describe, expect, it } from 'vitest';
import { compileTemplate } from './template.ts';

const render = (source: string, values: Record<string, unknown> = {}): string => compileTemplate(source)(values);

describe('a template', () => {
  it('shows values, escaped unless it says otherwise', () => {
    const values = { a: `<b>&"'`, n: 7 };
    expect(render('x {{ a }} {{a|e}} {{ a | safe }} {{ n }}{{ missing }}.', values)).toBe(
      `x &lt;b&gt;&amp;&#34;&#39; &lt;b&gt;&amp;&#34;&#39; <b>&"' 7.`,
    );
    expect(render('{{ constructor }}{{ toString }}{{ __proto__ }}')).toBe('');
  });

  it('chooses by conditions', () => {
    const source =
      '{% if a and not b %}1{% elif a or c == "x" %}2{% if c %}3{% else %}4{% endif %}{% else %}5{% endif %}6';
    expect(render(source, { a: true })).toBe('16');
    expect(render(source, { a: 1, b: 1, c: 'y' })).toBe('236');
    expect(render(source, { a: 1, b: 1 })).toBe('246');
    expect(render(source, { c: 'x' })).toBe('236');
    expect(render(source, {})).toBe('56');
    expect(render('{% if (a or b) and c != 2 %}y{% endif %}', { b: 'b', c: 3 })).toBe('y');
    expect(render('{% if none or false or 0 or "" %}y{% endif %}')).toBe('');
  });

  it('leaves out comments, and space where it is told to', () => {
    expect(render('a {# {{ nothing }} #} b')).toBe('a  b');
    expect(render('a {{- 1 -}} b\n{%- if true -%} c {%- endif %} d')).toBe('a1bc d');
  });

  it.each([
    ['a\n{% for x in y %}', "line 2: {% for x in y %} isn't known here"],
    ['{% if a %}', "line 1: an {% if %} isn't closed by {% endif %}"],
    ['{% endif %}', "line 1: {% endif %} isn't known here"],
    ['{{ a|upper }}', "line 1: the filter upper isn't known"],
    ['{{ a.b }}', "line 1: .b isn't known here"],
    ['{{ a b }}', "line 1: b isn't known here"],
    ['{{ (a }}', 'line 1: a bracket is not closed'],
    ['{{ }}', 'line 1: the expression ends too early'],
    ['{% if == %}x{% endif %}', "line 1: == isn't expected here"],
  ])('%j is refused', (source, message) => {
    expect(() => compileTemplate(source)).toThrow(message);
  });
});
