import { resolve } from 'node:path';
import { ConfigError } from '../config-error.ts';
import { fileProblem, type ConfigFiles } from '../config-files.ts';
import type { Values } from '../values.ts';

/** What a section is read from. */
export interface Context {
  readonly values: Values;
  readonly files: ConfigFiles;
  /** Relative paths in the configuration start here, as with Synapse. */
  readonly cwd: string;
  /** Folder of the last configuration file: where the signing key is if it isn't named. */
  readonly configDirectory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A sentence for the administrator that doesn't stop the start. */
  readonly notice: (sentence: string) => void;
}

/** A path option made absolute; undefined if it isn't given. */
export function optionalPath({ values, cwd }: Context, name: string): string | undefined {
  const path = values.optionalString(name);
  return path === undefined || path === '' ? undefined : resolve(cwd, path);
}

/** The text of the file that an option names. */
export function readNamedFile({ values, files }: Context, name: string, path: string): string {
  try {
    return files.readText(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw values.fail(name, `the file ${path} ${fileProblem(error)}`);
  }
}

/**
 * A secret that is written in the configuration or stands in the file that `NAME_path` names; both is an error.
 * An empty secret counts as none.
 */
export function secret(context: Context, name: string, pathName = `${name}_path`): string | undefined {
  const inline = context.values.optionalString(name);
  const path = optionalPath(context, pathName);
  if (path === undefined) return inline === '' ? undefined : inline;
  if (inline !== undefined && inline !== '') {
    throw context.values.fail(pathName, `can't be given together with ${name}; remove one of them`);
  }
  const text = readNamedFile(context, pathName, path).trim();
  if (text === '') throw context.values.fail(pathName, `the file ${path} is empty`);
  return text;
}
