import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfigFiles } from '@myelin/homeserver/config';
import { writeNewFile } from '../files.ts';
import { configText } from '../generate/config-text.ts';
import { checkedServerName } from '../generate/server-name.ts';
import { writeMissingFiles } from '../generate/missing-files.ts';

/** The configuration that is used if none is named: ./homeserver.yaml, or that of an earlier first start. */
export function defaultConfigPath(): string | undefined {
  return [resolve('homeserver.yaml'), join(dataFolder(), 'homeserver.yaml')].find((path) => existsSync(path));
}

/** The first start: configuration, keys and secrets in ./data, for this machine alone. Returns the path. */
export function makeDefaultConfig(): string {
  const folder = dataFolder();
  const path = join(folder, 'homeserver.yaml');
  const serverName = checkedServerName(process.env['MYELIN_SERVER_NAME'] || 'localhost');
  writeNewFile(
    path,
    configText({
      serverName,
      configDirectory: folder,
      dataDirectory: folder,
      reportStats: false,
      secrets: true,
      bindAddresses: hasIpv6() ? ['::1', '127.0.0.1'] : ['127.0.0.1'],
    }),
  );
  const { mapping } = readConfigFiles({ paths: [path] });
  writeMissingFiles({
    mapping,
    configDirectory: folder,
    cwd: process.cwd(),
    dataDirectory: folder,
    logOutput: 'console',
  });
  return path;
}

function dataFolder(): string {
  return resolve(process.env['MYELIN_DATA'] || 'data');
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
}
