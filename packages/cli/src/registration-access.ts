import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readConfigFiles } from '@myelin/homeserver/config';
import { CliError, exitCode } from './exit.ts';
import { reason } from './files.ts';

/** Where a server is, and the secret with which it makes accounts. */
export interface RegistrationAccess {
  readonly url: string;
  readonly secret: string;
}

const defaultUrl = 'http://localhost:8008';

/** From what is given on the command line, else from the configuration. */
export function registrationAccess(given: {
  readonly url: string | undefined;
  readonly secret: string | undefined;
  readonly paths: readonly string[] | undefined;
}): RegistrationAccess {
  const mapping = given.paths === undefined ? {} : readConfigFiles({ paths: given.paths }).mapping;
  return { url: given.url ?? listenerUrl(mapping) ?? defaultUrl, secret: given.secret ?? sharedSecret(mapping) };
}

function sharedSecret(mapping: Readonly<Record<string, unknown>>): string {
  const inline = mapping['registration_shared_secret'];
  const path = mapping['registration_shared_secret_path'];
  if (inline && path) {
    throw new CliError(
      'registration_shared_secret and registration_shared_secret_path are both given; remove one of them',
      exitCode.configuration,
    );
  }
  if (typeof inline === 'string' && inline !== '') return inline;
  if (typeof path !== 'string')
    throw new CliError('registration_shared_secret is missing in the configuration', exitCode.configuration);
  try {
    const secret = readFileSync(resolve(path), 'utf8').trim();
    if (secret !== '') return secret;
  } catch (error) {
    throw new CliError(
      `registration_shared_secret_path: ${path} can't be read: ${reason(error)}`,
      exitCode.configuration,
    );
  }
  throw new CliError(`registration_shared_secret_path: ${path} is empty`, exitCode.configuration);
}

/** The address of the first listener without TLS that serves clients. */
function listenerUrl(mapping: Readonly<Record<string, unknown>>): string | undefined {
  const listeners = Array.isArray(mapping['listeners'])
    ? (mapping['listeners'] as Readonly<Record<string, unknown>>[])
    : [];
  for (const listener of listeners) {
    if (listener?.['type'] !== 'http' || listener['tls'] || typeof listener['port'] !== 'number') continue;
    const resources = (listener['resources'] ?? []) as readonly { names?: readonly string[] }[];
    if (!resources.some(({ names }) => names?.includes('client'))) continue;
    const addresses = (listener['bind_addresses'] ?? []) as readonly string[];
    const everywhere =
      addresses.length === 0 || addresses.some((address) => ['::', '0.0.0.0', '::1', '127.0.0.1'].includes(address));
    const [first = 'localhost'] = everywhere ? [] : addresses;
    return `http://${first.includes(':') ? `[${first}]` : first}:${listener['port']}`;
  }
  return undefined;
}
