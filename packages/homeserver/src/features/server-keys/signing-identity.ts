import { createPrivateKey } from 'node:crypto';
import type { KeysConfig } from '../../config/index.ts';
import type { SigningIdentity } from '../timeline/index.ts';

/** What stands before the 32 bytes of an ed25519 seed in PKCS #8 (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The server's own signing key: the first of the key file. */
export function signingIdentity(keys: KeysConfig, serverName: string): SigningIdentity {
  const key = keys.signingKeys[0];
  if (!key) throw new Error('The signing key file holds no key');
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, key.seed]), format: 'der', type: 'pkcs8' });
  return { serverName, keyId: key.keyId, privateKey };
}
