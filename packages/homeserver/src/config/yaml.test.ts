import { describe, expect, it } from 'vitest';
import { parseYaml } from './yaml.ts';

/** What PyYAML's safe loader makes of each text. */
const answers: readonly (readonly [text: string, value: unknown])[] = [
  ['a: yes', { a: true }],
  ['a: No', { a: false }],
  ['a: on', { a: true }],
  ['a: OFF', { a: false }],
  ['a: oFf', { a: 'oFf' }],
  ['a: y', { a: 'y' }],
  ['a: n', { a: 'n' }],
  ['a: True', { a: true }],
  ['a: tRue', { a: 'tRue' }],
  ['a: 0755', { a: 493 }],
  ['a: 0o755', { a: '0o755' }],
  ['a: 08', { a: '08' }],
  ['a: 0x1F', { a: 31 }],
  ['a: 0b101', { a: 5 }],
  ['a: 1_000', { a: 1000 }],
  ['a: 1:30', { a: 90 }],
  ['a: -1:30', { a: -90 }],
  ['a: 190:20:30', { a: 685_230 }],
  ['a: 190:20:30.15', { a: 685_230.15 }],
  ['a: 1e5', { a: '1e5' }],
  ['a: 1.0e5', { a: '1.0e5' }],
  ['a: 1.0e+5', { a: 100_000 }],
  ['a: 1.', { a: 1 }],
  ['a: .5', { a: 0.5 }],
  ['a: -.5', { a: '-.5' }],
  ['a: .inf', { a: Infinity }],
  ['a: ~', { a: null }],
  ['a:', { a: null }],
  ['a: nULL', { a: 'nULL' }],
  ['a: "yes"', { a: 'yes' }],
  ['a: 5m', { a: '5m' }],
  ['a: 1.2.3', { a: '1.2.3' }],
  ['a: ::1', { a: '::1' }],
  ['a: 2024-01-01', { a: '2024-01-01' }],
  ['a: 1\na: 2', { a: 2 }],
  ['x: &d {p: 1}\ny:\n  <<: *d\n  q: 2', { x: { p: 1 }, y: { p: 1, q: 2 } }],
  ['x: &d {p: 1}\ny:\n  p: 3\n  <<: *d', { x: { p: 1 }, y: { p: 3 } }],
  ['a: |\n  x\n  y\n', { a: 'x\ny\n' }],
  ["a: '%(x)s - %(y)s'", { a: '%(x)s - %(y)s' }],
  ['', null],
];

describe('YAML as Synapse reads it', () => {
  it.each(answers)('%j', (text, value) => expect(parseYaml(text).value).toEqual(value));

  it.each(['a: b: c', 'a: @x', 'a: "x" y', 'a: 1\n b: 2', 'a: 1\n---\nb: 2', 'a: [1', '\ta: 1'])(
    'refuses %j and says where',
    (text) => expect(() => parseYaml(text)).toThrow(/^line \d+, column \d+: /),
  );

  it('refuses an alias without its anchor', () => {
    expect(() => parseYaml('a: *nope')).toThrow(/alias/);
  });

  it('tells of keys that are written twice', () => {
    expect(parseYaml('a: 1\nb: {c: 1, c: 2}\na: 3').duplicateKeys).toEqual(['a', 'c']);
  });

  it("isn't blown up by aliases", () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let at = 1; at < 9; at++)
      lines.push(
        `a${at}: &a${at} [${Array(10)
          .fill(`*a${at - 1}`)
          .join(', ')}]`,
      );
    expect(() => parseYaml(lines.join('\n'))).toThrow(/alias/i);
  });
});
