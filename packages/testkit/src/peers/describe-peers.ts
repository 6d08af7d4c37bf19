import { afterAll, beforeAll, describe } from 'vitest';
import { Peers, type PeersOptions } from './peers.ts';

/** The room versions that both servers have; a test compares this list with what they say. */
export const commonVersions: readonly string[] = Array.from({ length: 12 }, (_none, index) => String(index + 1));

export function versionsFrom(first: number): readonly string[] {
  return commonVersions.filter((version) => Number(version) >= first);
}

/**
 * Defines tests of a server of ours beside a real Synapse, both started before the first of them. MYELIN_TEST_PYTHON names a
 * Python that has matrix-synapse; where there is none the tests are skipped, but not in CI.
 */
export function describePeers(name: string, define: (peers: () => Peers) => void, options: PeersOptions = {}): void {
  const python = process.env['MYELIN_TEST_PYTHON'];
  const isDemanded = process.env['CI'] !== undefined;
  if (!python && !isDemanded) {
    describe.skip(name, () => define(missing));
    return;
  }
  describe(name, () => {
    let peers: Peers | undefined;
    beforeAll(async () => {
      peers = await Peers.start(python ?? missing(), options);
    });
    afterAll(() => peers?.stop());
    define(() => peers ?? missing());
  });
}

function missing(): never {
  throw new Error('MYELIN_TEST_PYTHON names no Python that has matrix-synapse (.ci/requirements.txt)');
}
