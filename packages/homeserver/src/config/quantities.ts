const second = 1000;
const durationUnits: Readonly<Record<string, number>> = {
  s: second,
  m: 60 * second,
  h: 3600 * second,
  d: 24 * 3600 * second,
  w: 7 * 24 * 3600 * second,
  y: 365 * 24 * 3600 * second,
};

const sizeUnits: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** Milliseconds of `5m`, `2w`, `300` or 300; undefined if it isn't a duration. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([+-]?\d[\d_]*)\s*([smhdwy])?$/.exec(value);
  return match ? scaled(match[1], durationUnits[match[2] ?? ''] ?? 1) : undefined;
}

/** Bytes of `50M`, `87KiB`, `1024` or 1024 (K, M, G and T are powers of 1024); undefined if it isn't a size. */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([+-]?\d[\d_]*)\s*(?:([KMGT])(?:iB)?)?$/.exec(value);
  return match ? scaled(match[1], sizeUnits[match[2] ?? ''] ?? 1) : undefined;
}

function scaled(digits: string | undefined, unit: number): number | undefined {
  const amount = Number((digits ?? '').replaceAll('_', '')) * unit;
  return Number.isSafeInteger(amount) ? amount : undefined;
}
