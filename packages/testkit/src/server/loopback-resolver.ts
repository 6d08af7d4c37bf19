import type { Resolver } from '@myelin/runtime';

/** Knows this machine and no other, and says so at once: tests don't hang on the name servers of where they run. */
export const loopbackResolver: Resolver = {
  addresses: async (host) => (host === 'localhost' ? ['127.0.0.1'] : []),
  services: async () => [],
};
