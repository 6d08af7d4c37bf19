// Runs at the end of `npm ci`: makes the build, so that already the first start is quick. Where that isn't possible
// (development dependencies were left out, say) the server runs from its sources, and the installation is no failure.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

function obstacle() {
  const { node } = process.versions;
  if (Number.parseInt(node, 10) < 24) return `Node.js ${node} can't make it`;
  try {
    createRequire(import.meta.url).resolve('rolldown/package.json');
  } catch {
    return 'development dependencies are left out';
  }
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, 'build.ts')], { stdio: 'inherit' });
  return status === 0 ? undefined : 'making it failed';
}

const found = obstacle();
if (found !== undefined) console.log(`No build (${found}): the server will run from its sources.`);
