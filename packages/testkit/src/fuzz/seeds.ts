/** How many seeds a fuzz tries unless MYELIN_TEST_FUZZ_SEEDS says, and the first of them (MYELIN_TEST_SEED). */
export function fuzzSeeds(usually: number): number[] {
  const count = Number(process.env['MYELIN_TEST_FUZZ_SEEDS'] ?? usually);
  const first = Number(process.env['MYELIN_TEST_SEED'] ?? 1);
  return Array.from({ length: count }, (_none, index) => first + index);
}
