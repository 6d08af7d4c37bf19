/** A hundred arrays in one another: deeper than any honest body, shallower than what JSON.parse can take. */
const deep: unknown = Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 1);

/** Values that servers stumbled over, whatever was expected in their place. */
export const hostileValues: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  '\u0000',
  '\uD800',
  '\uFEFFzero\u200Bwidth\u202E',
  '../../etc/passwd',
  "' OR 1=1 --",
  '%00%2F%25',
  'x'.repeat(70_000),
  '👩‍👩‍👧‍👦'.repeat(300),
  '@:',
  '@a:b:c:d',
  '!',
  '#',
  '$',
  'mxc://',
  -1,
  -0.5,
  0,
  1e308,
  2 ** 53,
  -(2 ** 63),
  1.5,
  [],
  {},
  [null],
  [[[[]]]],
  deep,
  { '': '' },
  { __proto__x: 1, constructor: { prototype: {} }, toString: 1, hasOwnProperty: null },
  JSON.parse('{"__proto__":{"admin":true}}') as unknown,
];

/** The same in a path or a query: text only. */
export const hostileTexts: readonly string[] = hostileValues
  .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  .filter((text) => text.length < 2_000 && text.isWellFormed());
