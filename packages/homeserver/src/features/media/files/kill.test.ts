import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('kill -9 while files are stored: what was stored is there, and no half file is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'myelin-media-'));
  try {
    const script = new URL('../testing/store-until-killed.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    for await (const data of child.stdout) {
      printed += String(data);
      if (printed.split('\n').length > 40) break;
    }
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const stored = printed.split('\n').slice(0, -1);
    expect(stored.length).toBeGreaterThanOrEqual(40);
    for (const path of stored) {
      const number = Number(path.split('/')[3]);
      expect((await readFile(join(folder, path))).equals(Buffer.alloc(8 * 64 * 1024, number % 256))).toBe(true);
    }
    const all = await readdir(join(folder, 'content'), { recursive: true, withFileTypes: true });
    for (const each of all.filter((entry) => entry.isFile())) {
      expect(await readFile(join(each.parentPath, each.name))).toHaveLength(8 * 64 * 1024);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
