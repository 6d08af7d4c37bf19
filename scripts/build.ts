/**
 * `npm run build`: bundles the server and its commands into a few JavaScript files under dist/, which start several
 * times faster than the sources and take less memory (docs/decisions/release-build.md). Then starts what it made once:
 * that shows that it runs, and leaves compiled code for later starts. `myelin` takes the build as long as it is newer
 * than everything that went into it, and the sources otherwise.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { tryBuild } from './try-build.ts';

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'dist');
const packages = join(root, 'packages');

/** What becomes a file of its own under its name, beside what is loaded later. */
const entries = {
  myelin: 'packages/cli/src/main.ts',
  // Started as a process, by this name, from the file that holds process-images.ts.
  'process/main': 'packages/homeserver/src/features/media/images/process/main.ts',
  // Likewise as a thread, from the file that holds resolution-thread.ts.
  'thread/main': 'packages/homeserver/src/features/state-resolution/thread/main.ts',
};

/** Packages with binaries of their own; and one that `pg` tries for, and that isn't installed. */
const external = /^(node:|sharp$|@node-rs\/bcrypt$|pg-native$)/;

/** Bundles into a folder; returns the files that went in, as paths from the root. */
async function bundle(folder: string): Promise<string[]> {
  const build = await rolldown({
    cwd: root,
    input: entries,
    platform: 'node',
    external,
    // Modules of ours do nothing but define: those of which nothing is used are left out.
    treeshake: { moduleSideEffects: (id) => !id.startsWith(packages) || id.endsWith('main.ts') },
  });
  try {
    const { output } = await build.write({
      dir: folder,
      format: 'esm',
      // Not minified: that would save 5 MB, and stack traces would mean nothing without their maps.
      comments: false,
      sourcemap: true,
      sourcemapExcludeSources: true,
      chunkFileNames: ({ name, moduleIds }) =>
        moduleIds.includes(join(packages, 'homeserver/src/server.ts')) ? 'server.js' : `${name}.js`,
    });
    for (const file of output) {
      if (file.type === 'chunk') writeFileSync(join(folder, file.fileName), escapeNonAscii(file.code));
    }
    const own = (await build.watchFiles)
      .filter((file) => file.startsWith(packages))
      .map((file) => relative(root, file));
    // Which version of a package is installed stands in the lock file.
    return ['package-lock.json', ...own.sort()];
  } finally {
    await build.close();
  }
}

/** A single character beyond Latin-1 doubles the memory that a file's text takes. Without comments they stand in strings. */
function escapeNonAscii(code: string): string {
  return code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function main(): Promise<void> {
  const builtAt = Date.now();
  // Beside the old one, which serves until this one is complete.
  const fresh = `${target}-${process.pid}`;
  try {
    mkdirSync(fresh);
    const sources = await bundle(fresh);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    writeFileSync(join(fresh, 'build.json'), JSON.stringify({ version, builtAt, sources }));
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  try {
    await tryBuild();
  } catch (error) {
    // The sources run instead.
    rmSync(target, { recursive: true, force: true });
    throw error;
  }
  console.log(`built dist/ in ${((Date.now() - builtAt) / 1000).toFixed(1)} s`);
}

await main();
