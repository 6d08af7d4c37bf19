import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeNewFile } from '../files.ts';
import { secretText } from './config-text.ts';
import { logConfigText } from './log-config-text.ts';
import { signingKeyLine } from './signing-key.ts';

/** What of the configuration is needed to know which files it names. */
export interface NamedFiles {
  readonly mapping: Readonly<Record<string, unknown>>;
  readonly configDirectory: string;
  readonly cwd: string;
  readonly dataDirectory: string;
  readonly logOutput?: 'file' | 'console';
}

/** Writes the signing key, the log configuration and the secret file that the configuration names if they are missing. */
export function writeMissingFiles({
  mapping,
  configDirectory,
  cwd,
  dataDirectory,
  logOutput = 'file',
}: NamedFiles): string[] {
  const written: string[] = [];
  const write = (path: string, text: string): void => {
    if (existsSync(path)) return;
    writeNewFile(path, text);
    written.push(path);
  };
  const path = (option: string): string | undefined => {
    const value = mapping[option];
    return typeof value === 'string' && value !== '' ? resolve(cwd, value) : undefined;
  };
  const serverName = mapping['server_name'];
  const keyPath =
    path('signing_key_path') ??
    (typeof serverName === 'string' ? join(configDirectory, `${serverName}.signing.key`) : undefined);
  if (keyPath !== undefined && !('signing_key' in mapping)) {
    renewOldKey(keyPath);
    write(keyPath, signingKeyLine());
  }
  const logConfig = path('log_config');
  if (logConfig !== undefined) write(logConfig, logConfigText(join(dataDirectory, 'homeserver.log'), logOutput));
  const secretPath = path('registration_shared_secret_path');
  if (secretPath !== undefined) write(secretPath, `${secretText()}\n`);
  return written;
}

/** The oldest key files held the seed alone: such a key gets a name. */
function renewOldKey(path: string): void {
  if (!existsSync(path)) return;
  const first = readFileSync(path, 'utf8').split('\n')[0]?.trim() ?? '';
  const seed = Buffer.from(first, 'base64');
  if (/\s/.test(first) || seed.length !== 32) return;
  writeFileSync(path, signingKeyLine(seed));
}
