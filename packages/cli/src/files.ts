import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CliError } from './exit.ts';

/** Writes a file that must not exist yet, with its folder. */
export function writeNewFile(path: string, text: string, mode = 0o640): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx', mode });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST' && existsSync(path)) throw new CliError(`${path} exists already; it is left as it is`);
    throw new CliError(`${path} can't be written: ${reason(error)}`);
  }
}

/** The reason of a file system's error in words. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const words: Readonly<Record<string, string>> = {
    ENOENT: "it doesn't exist",
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is not a folder',
    EEXIST: 'a file of that name is there already',
  };
  return words[code] ?? (error as Error).message;
}
