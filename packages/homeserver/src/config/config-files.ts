import { readFileSync, readdirSync, statSync } from 'node:fs';

/** What the loader sees of the disk: in production the files themselves, in tests a map. */
export interface ConfigFiles {
  /** Throws with a `code` (ENOENT …) as node:fs does. */
  readText(path: string): string;
  kind(path: string): 'file' | 'directory' | 'other' | 'missing';
  list(directory: string): readonly string[];
}

export const systemConfigFiles: ConfigFiles = {
  readText: (path) => readFileSync(path, 'utf8'),
  kind(path) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return 'missing';
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other';
  },
  list: (directory) => readdirSync(directory),
};

/** Files of a map, for tests; every path that is a prefix of another is a folder. */
export function memoryConfigFiles(files: Readonly<Record<string, string>>): ConfigFiles {
  const inside = (directory: string): string[] =>
    Object.keys(files)
      .filter((path) => path.startsWith(`${directory}/`))
      .map((path) => path.slice(directory.length + 1).split('/')[0] ?? '');
  return {
    readText(path) {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
      return text;
    },
    kind: (path) => (path in files ? 'file' : inside(path).length > 0 ? 'directory' : 'missing'),
    list: (directory) => [...new Set(inside(directory))],
  };
}

/** Why a file can't be read, in words, from the error of the file system. */
export function fileProblem(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT') return "doesn't exist";
  if (code === 'EACCES' || code === 'EPERM') return "can't be read: permission denied";
  if (code === 'EISDIR') return 'is a folder, not a file';
  return `can't be read${typeof code === 'string' ? ` (${code})` : ''}`;
}
