import { systemClock } from '@myelin/runtime';
import { expect } from 'vitest';

/** No single request may keep the server busy for longer, on whatever machine the tests run. */
const mostMs = 20_000;

/** That a request is answered soon, and in kind. */
export async function soon<T>(work: Promise<T>): Promise<T> {
  const begin = systemClock.monotonic();
  const result = await work;
  expect(systemClock.monotonic() - begin).toBeLessThan(mostMs);
  return result;
}
