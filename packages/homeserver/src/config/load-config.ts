import { join, dirname, resolve } from 'node:path';
import { checkOptions } from './check-options.ts';
import { ConfigError } from './config-error.ts';
import { fileProblem, systemConfigFiles, type ConfigFiles } from './config-files.ts';
import type { Config } from './config.ts';
import { freeze } from './freeze.ts';
import { readSections } from './read-config.ts';
import { isMapping, Values, type Mapping } from './values.ts';
import { parseYaml } from './yaml.ts';

export interface LoadOptions {
  /** Files, or folders whose *.yaml are read in the order of their names; later top-level options replace earlier ones. */
  readonly paths: readonly string[];
  readonly files?: ConfigFiles;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Top-level options from the command line; they win over the files. */
  readonly overrides?: Mapping;
  /** Where the signing key is if the configuration doesn't name it; by default beside the last file. */
  readonly keysDirectory?: string;
  /** False: refuse secrets that are written in the configuration itself. */
  readonly secretsInConfig?: boolean;
  /** What `readConfigFiles` has read of `paths` already. */
  readonly read?: MergedFiles;
}

/** Reads homeserver.yaml. Throws ConfigError. */
export function loadConfig(options: LoadOptions): Config {
  const merged = options.read ?? readConfigFiles(options);
  if (options.secretsInConfig === false) refuseSecrets(merged);
  return configFromMapping(
    { ...merged.mapping, ...options.overrides },
    {
      ...options,
      ...merged,
      configDirectory: options.keysDirectory ?? merged.configDirectory,
    },
  );
}

/** The options of all files together, not checked: what tools need that look at one option only. Throws ConfigError. */
export function readConfigFiles({ paths, files = systemConfigFiles, cwd = process.cwd() }: LoadOptions): MergedFiles {
  const found = paths.flatMap((path) => configFilesAt(resolve(cwd, path), files));
  if (found.length === 0) throw new ConfigError('no configuration file is given');
  const mapping: Record<string, unknown> = {};
  const fileOf = new Map<string, string>();
  const notices: string[] = [];
  for (const path of found) {
    const { value, duplicateKeys } = readYamlFile(path, files);
    if (!isMapping(value)) {
      notices.push(`${path} is empty or isn't a list of options; it is ignored`);
      continue;
    }
    if (duplicateKeys.length > 0)
      notices.push(`${path}: ${duplicateKeys.join(', ')}: written twice; the last one counts`);
    for (const [key, setting] of Object.entries(value)) {
      mapping[key] = setting;
      fileOf.set(key, path);
    }
  }
  return {
    mapping,
    fileOf: (key) => fileOf.get(key) ?? found.at(-1),
    configDirectory: dirname(found.at(-1) ?? cwd),
    notices,
  };
}

export interface MergedFiles {
  readonly mapping: Mapping;
  readonly fileOf: (topLevel: string) => string | undefined;
  readonly configDirectory: string;
  readonly notices: readonly string[];
}

/** A configuration from options that are at hand as an object, by their names in homeserver.yaml. Throws ConfigError. */
export function configFromObject(object: Mapping, options: Partial<FromMapping> = {}): Config {
  return configFromMapping(object, options);
}

const secretOptions = [
  'macaroon_secret_key',
  'form_secret',
  'registration_shared_secret',
  'turn_shared_secret',
  'recaptcha_private_key',
  'recaptcha_public_key',
  'worker_replication_secret',
] as const;

function refuseSecrets({ mapping, fileOf }: MergedFiles): void {
  for (const name of secretOptions) {
    if (mapping[name])
      throw new ConfigError(`secrets in the configuration are turned off; use ${name}_path`, name, fileOf(name));
  }
}

interface FromMapping extends Omit<LoadOptions, 'paths'>, Omit<MergedFiles, 'mapping'> {
  readonly onRead: (name: string) => void;
}

function configFromMapping(mapping: Mapping, options: Partial<FromMapping>): Config {
  const cwd = options.cwd ?? process.cwd();
  const fileOf = options.fileOf ?? (() => undefined);
  const notices = [...(options.notices ?? [])];
  const values = new Values(mapping, { fileOf, onRead: options.onRead });
  checkOptions(mapping, values, (sentence) => notices.push(sentence));
  const sections = readSections({
    values,
    files: options.files ?? systemConfigFiles,
    cwd,
    configDirectory: options.configDirectory ?? cwd,
    env: options.env ?? {},
    notice: (sentence) => notices.push(sentence),
  });
  return freeze({ ...sections, notices });
}

function configFilesAt(path: string, files: ConfigFiles): string[] {
  const kind = files.kind(path);
  if (kind === 'missing') throw new ConfigError("doesn't exist", '', path);
  if (kind !== 'directory') return [path];
  return files
    .list(path)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(path, name))
    .filter((file) => files.kind(file) === 'file');
}

function readYamlFile(path: string, files: ConfigFiles): ReturnType<typeof parseYaml> {
  let text: string;
  try {
    text = files.readText(path);
  } catch (error) {
    throw new ConfigError(fileProblem(error), '', path);
  }
  try {
    return parseYaml(text);
  } catch (error) {
    throw new ConfigError((error as Error).message, '', path);
  }
}
