import type { SyncSources } from './sources.ts';

/** Sources that have nothing to tell: for servers built without a feature, and tests. */
export const noSources: SyncSources = {
  accountData: {
    global: async () => [],
    byRoom: async () => new Map(),
    ignored: async () => new Set(),
    inviteRules: async () => () => 'allow',
  },
  receipts: { byRoom: async () => new Map() },
  typing: { inRoom: () => undefined },
  presence: { syncing: () => () => {}, events: async () => [] },
  toDevice: { acknowledge: async () => {}, messages: async (_device, _since, upTo) => ({ events: [], upTo }) },
  encryption: {
    deviceLists: async () => ({ changed: [], left: [] }),
    oneTimeKeyCounts: async () => '{}',
    unusedFallbackKeyTypes: async () => '[]',
  },
  unread: { counts: async () => ({ main: { notifications: 0, highlights: 0 }, threads: new Map() }) },
  relations: { bundles: async () => new Map() },
};
