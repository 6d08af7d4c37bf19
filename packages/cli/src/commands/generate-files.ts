import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readConfigFiles } from '@myelin/homeserver/config';
import { CliError, exitCode } from '../exit.ts';
import { writeNewFile } from '../files.ts';
import { configText } from '../generate/config-text.ts';
import { checkedServerName } from '../generate/server-name.ts';
import { writeMissingFiles } from '../generate/missing-files.ts';

export interface GenerateOptions {
  readonly configPath?: readonly string[];
  readonly serverName?: string;
  readonly reportStats?: 'yes' | 'no';
  readonly configDirectory?: string;
  readonly dataDirectory?: string;
  readonly openPrivatePorts?: true;
  readonly enableMetrics?: true;
}

/** `myelin --generate-config`: configuration, signing key, log configuration. */
export function generateAll(options: GenerateOptions): void {
  const [configPath, another] = (options.configPath ?? []).map((path) => resolve(path));
  if (configPath === undefined || another !== undefined)
    throw usage('--generate-config needs one --config-path: the file to write');
  if (options.reportStats === undefined) throw usage('say --report-stats=no or --report-stats=yes');
  if (existsSync(configPath)) {
    throw new CliError(
      `${configPath} exists already; it is left as it is (--generate-missing-configs writes the files that it names)`,
    );
  }
  if (options.serverName === undefined)
    throw usage('--generate-config needs --server-name: the name of the server, as in @user:NAME');
  const configDirectory = resolve(options.configDirectory ?? dirname(configPath));
  const dataDirectory = resolve(options.dataDirectory ?? '.');
  const text = configText({
    serverName: checkedServerName(options.serverName),
    configDirectory,
    dataDirectory,
    reportStats: options.reportStats === 'yes',
    secrets: true,
    openPrivatePorts: options.openPrivatePorts,
    enableMetrics: options.enableMetrics,
  });
  writeNewFile(configPath, text);
  console.log(`wrote ${configPath}`);
  const { mapping } = readConfigFiles({ paths: [configPath] });
  report(writeMissingFiles({ mapping, configDirectory, cwd: process.cwd(), dataDirectory }));
}

/** `myelin --generate-missing-configs` */
export function generateMissing(options: GenerateOptions): void {
  if (options.configPath === undefined) throw usage('--generate-missing-configs needs --config-path');
  const { mapping, configDirectory } = readConfigFiles({ paths: options.configPath });
  const written = writeMissingFiles({
    mapping,
    configDirectory: resolve(options.configDirectory ?? configDirectory),
    cwd: process.cwd(),
    dataDirectory: resolve(options.dataDirectory ?? '.'),
  });
  report(written);
  if (written.length === 0) console.log('nothing is missing');
}

function report(written: readonly string[]): void {
  for (const path of written) console.log(`wrote ${path}`);
}

function usage(message: string): CliError {
  return new CliError(message, exitCode.usage);
}
