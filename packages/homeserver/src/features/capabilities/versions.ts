import type { Config } from '../../config/index.ts';

/**
 * The versions of the specification that hold here. Each later one lacks something: 1.13 and 1.14 reports of rooms and
 * users, 1.15 room summaries, 1.18 the administration of accounts. What is served of them is among the unstable features.
 */
export const specificationVersions: readonly string[] = [
  'r0.0.1',
  'r0.1.0',
  'r0.2.0',
  'r0.3.0',
  'r0.4.0',
  'r0.5.0',
  'r0.6.0',
  'r0.6.1',
  'v1.1',
  'v1.2',
  'v1.3',
  'v1.4',
  'v1.5',
  'v1.6',
  'v1.7',
  'v1.8',
  'v1.9',
  'v1.10',
  'v1.11',
  'v1.12',
];

/** What clients ask for by the name of its proposal: served, and not told by a version or older than it. */
export function unstableFeatures({
  rooms,
  experimental,
}: Pick<Config, 'rooms' | 'experimental'>): Record<string, boolean> {
  const features: Record<string, boolean> = {
    'org.matrix.e2e_cross_signing': true,
    'org.matrix.msc2285.stable': true,
    'org.matrix.msc2432': true,
    'org.matrix.msc3440.stable': true,
    'org.matrix.msc3771': true,
    'org.matrix.msc3773': true,
    'org.matrix.msc3827.stable': true,
    'org.matrix.msc3916.stable': true,
    'org.matrix.msc3981': true,
    'org.matrix.msc4222': true,
    'org.matrix.msc4445.initial_sync_timeline_topological_ordering': true,
    'uk.tcpip.msc4133': true,
    'uk.tcpip.msc4133.stable': true,
  };
  if (experimental.flags['msc3391_enabled'] === true) features['org.matrix.msc3391'] = true;
  if (experimental.flags['msc4155_enabled'] === true) features['org.matrix.msc4155'] = true;
  // Tells clients that rooms will be encrypted whatever they ask for.
  const forced = { public_chat: 'public', private_chat: 'private', trusted_private_chat: 'trusted_private' } as const;
  for (const preset of rooms.encryptedPresets) features[`io.element.e2ee_forced.${forced[preset]}`] = true;
  return features;
}
