/**
 * A power level. Integers beyond 2^53-1, which room versions before 10 let through, are bigints, all others numbers:
 * relational operators and `===` are exact on the mixture. A creator's level in version 12 is `Infinity`. `NaN` stands for
 * a level that can't be read: no comparison with it holds, so it permits nothing.
 */
export type Level = number | bigint;

/** One way to write each level, so that `===` compares them. */
export function safeOrBig(value: bigint): Level {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
