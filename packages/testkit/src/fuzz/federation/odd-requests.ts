import type { JsonValue } from '@myelin/protocol';
import type { Operation } from '../../specification/index.ts';
import { mutate, oddName, someChanges } from '../mutate.ts';
import { randomRequest } from '../random-request.ts';
import type { Situation } from './foreign-world.ts';
import type { RawCall } from './raw-caller.ts';

/** A request of an operation, nearly as it should be. */
export function oddRequest(operation: Operation, { random, known, bob, dora, roomId }: Situation): RawCall {
  const hostility = random.pick([0, 0, 0, 0.05, 0.3]);
  const { params = {}, query = {}, body } = randomRequest(operation, { random, known, hostility });
  const path = operation.path.replaceAll(/\{([^}]*)\}/g, (_whole, name: string) => {
    const isOwn = name === 'userId' && operation.path.includes('/make_') && random.chance(0.8);
    const isShared = name === 'roomId' && random.chance(0.5);
    const value = isOwn ? random.pick([bob, dora, `@new${dora.slice(1)}`]) : isShared ? roomId : (params[name] ?? 'x');
    return encodedOddly(
      random.chance(0.05) ? oddName(value, { random, known }) : value,
      random.chance(0.05) ? random.below(8) : -1,
    );
  });
  const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  if (random.chance(0.1)) pairs.push(...pairs);
  if (random.chance(0.1))
    pairs.push(
      random.pick([
        '',
        '=',
        '&&',
        'limit',
        'limit=',
        'v=',
        '__proto__=1',
        'v[]=1',
        '%ff=%00',
        `x=${'y'.repeat(8_000)}`,
        'limit=1e3',
        'limit=0x10',
        'limit=-1',
      ]),
    );
  const target = path + (pairs.length > 0 ? `?${pairs.join('&')}` : '');
  const method = operation.method;
  if (body === undefined) return { method, target };
  const text = JSON.stringify(mutate(body as JsonValue, someChanges(random), { random, known }));
  return { method, target, ...oddText(text, random.chance(0.15) ? random.below(12) : -1) };
}

/** The text of a body, and how it is sent; `way` beyond the list: as it should be. */
function oddText(text: string, way: number): Partial<RawCall> {
  switch (way) {
    case 0:
      return { text, contentType: 'text/plain' };
    case 1:
      return { text, contentType: 'application/json; charset=utf-16' };
    case 2:
      return { text, contentType: '' };
    case 3:
      return { text, cutOff: true };
    case 4:
      return { text: text.slice(0, text.length >> 1) };
    case 5:
      return { text: text.replace(/\d+/, '1e400') };
    case 6:
      return { text: text.replace(/\d+/, 'NaN') };
    case 7:
      return { text: text.replace(/"[^"]*"/, String.raw`"\ud800"`) };
    case 8:
      return { text: text.replace('{', '{"a":1,"a":2,') };
    case 9:
      return { text: `\uFEFF${text}` };
    case 10:
      return { text, headers: { 'content-encoding': 'gzip' } };
    case 11:
      return { text: `[${text}]` };
    default:
      return { text };
  }
}

function encodedOddly(value: string, way: number): string {
  const usual = encode(value);
  switch (way) {
    case 0:
      return value.replaceAll(/[^!-~]|[?#%/]/g, encode);
    case 1:
      return usual.replaceAll('%', '%25');
    case 2:
      return usual.toLowerCase();
    case 3:
      return `${usual}%`;
    case 4:
      return `${usual}%zz`;
    case 5:
      return `${usual}%ff%fe`;
    case 6:
      return `${usual}%00`;
    case 7:
      return [...value]
        .map((letter) =>
          letter < '\u0080' ? `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}` : encode(letter),
        )
        .join('');
    default:
      return usual;
  }
}

/** Lone surrogates are written as bytes that are no UTF-8. */
function encode(text: string): string {
  return text.isWellFormed()
    ? encodeURIComponent(text)
    : text.replaceAll(/[^\uD800-\uDFFF]+/g, encodeURIComponent).replaceAll(/[\uD800-\uDFFF]/g, '%ED%A0%80');
}
