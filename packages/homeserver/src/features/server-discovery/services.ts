import { randomFraction, type Random, type ServiceRecord } from '@myelin/runtime';

/** The order in which the records are to be tried: lowest priority first, among equals by weighted chance. RFC 2782. */
export function inOrder(records: readonly ServiceRecord[], random: Random): ServiceRecord[] {
  const left = records.toSorted((a, b) => a.priority - b.priority);
  const ordered: ServiceRecord[] = [];
  while (left.length > 0) {
    const { priority } = left[0] as ServiceRecord;
    const end = left.findIndex((record) => record.priority !== priority);
    const equals = end === -1 ? left.length : end;
    ordered.push(...left.splice(pick(left.slice(0, equals), random), 1));
  }
  return ordered;
}

/** The index of a record chosen by weight; those of weight 0 have a very small chance. */
function pick(records: readonly ServiceRecord[], random: Random): number {
  const weights = records.map(({ weight }) => Math.max(weight, 0.01));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let at = randomFraction(random) * total;
  for (const [i, weight] of weights.entries()) {
    at -= weight;
    if (at < 0) return i;
  }
  return records.length - 1;
}
