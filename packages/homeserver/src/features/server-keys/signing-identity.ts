import { SigningKey } from '@myelin/protocol';
import type { KeysConfig } from '../../config/index.ts';
import type { SigningIdentity } from '../timeline/index.ts';

/** The server's own signing key: the first of the key file. */
export function signingIdentity(keys: KeysConfig, serverName: string): SigningIdentity {
  const key = keys.signingKeys[0];
  if (!key) throw new Error('The signing key file holds no key');
  return { serverName, key: new SigningKey(key.keyId, key.seed) };
}
