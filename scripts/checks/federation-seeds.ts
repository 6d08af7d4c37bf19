/**
 * Many seeds of the simulator of several servers, on all processors: `node scripts/checks/federation-seeds.ts [SEEDS [FIRST]]`
 * (200 from 1). Prints what went wrong by seed, and how large the worlds were. Plain processes: vitest costs a third more.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { DiskFolder, runFederationScenario, sizeOf, type Happenings } from '@myelin/simulator';

interface Report {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly servers: number;
  readonly cpuMs: number;
  readonly happened: Happenings;
}

/** Seeds that are known to fail (docs/decisions/forked-rooms.md). They are tried and told; one that passes is to be taken off the list. */
const known: ReadonlySet<number> = new Set([9_455]);
/** With more there is one reason for many of them. */
const mostFailures = 20;
/** Of real time, which is a hundred times what the largest world takes. */
const longestSeedMs = 600_000;
/**
 * Room for new objects: most are garbage before they are first collected, and all of a world when it is over, which is when they
 * are (`collect`). Nor is there a processor that threads could collect on.
 */
const memory = ['--min-semi-space-size=32', '--max-semi-space-size=32', '--single-threaded-gc', '--expose-gc'];

async function check(seeds: number, first: number): Promise<boolean> {
  const start = performance.now();
  const reports: Report[] = [];
  const failures: string[] = [];
  let next = first;
  const runner = (): Promise<void> =>
    new Promise((resolve) => {
      const child = fork(import.meta.filename, ['runner'], { execArgv: memory });
      let seed: number | undefined;
      let patience: NodeJS.Timeout | undefined;
      const fail = (problem: string): void => {
        failures.push(`seed ${seed}: ${problem}`);
        console.log(failures.at(-1));
      };
      const goOn = (): void => {
        clearTimeout(patience);
        seed = next < first + seeds && failures.length < mostFailures ? next++ : undefined;
        if (seed === undefined) return void child.send('end');
        child.send(seed);
        patience = setTimeout(() => stop(child), longestSeedMs);
      };
      child.on('message', (report: Report) => {
        reports.push(report);
        const isBad = report.problems.length > 0;
        if (isBad && known.has(report.seed)) console.log(`seed ${report.seed} fails, which is known`);
        else if (isBad) fail(report.problems.slice(0, 5).join('; '));
        else if (known.has(report.seed)) fail('is known to fail, and passes');
        goOn();
      });
      child.on('exit', (code, signal) => {
        clearTimeout(patience);
        if (seed === undefined) return resolve();
        fail(`its process ended with ${signal ?? code}`);
        seed = undefined;
        resolve(runner());
      });
      goOn();
    });
  await Promise.all(Array.from({ length: availableParallelism() }, runner));
  const seconds = (performance.now() - start) / 1_000;
  const cpuMs = reports.reduce((sum, report) => sum + report.cpuMs, 0) / Math.max(1, reports.length);
  console.log(`Worlds: ${sizes(reports)}`);
  console.log(`Of them had ${happenings(reports)}`);
  console.log(
    `${reports.length} seeds from ${first}, ${failures.length} bad, in ${seconds.toFixed(0)} s, ${cpuMs.toFixed(0)} ms of CPU each`,
  );
  return failures.length === 0 && reports.length === seeds;
}

/** How many worlds there were of each size, without hostile servers. */
function sizes(reports: readonly Report[]): string {
  const ranges = [1, 4, 5, 6, 7, 15, 30];
  const found = ranges.slice(1).map((most, i) => {
    const least = (ranges[i] as number) + 1;
    const count = reports.filter(({ servers }) => servers >= least && servers <= most).length;
    return `${count} of ${least === most ? most : `${least} to ${most}`}`;
  });
  return `${found.join(', ')} servers`;
}

/** In how many worlds in a hundred there was each thing that makes them worth trying. */
function happenings(reports: readonly Report[]): string {
  const names: Record<keyof Happenings, string> = {
    resolutions: 'a fork that had to be resolved',
    refused: 'a refused event',
    softFailed: 'a soft-failed event',
    splits: 'a split of the network',
    losses: 'messages that were lost',
    crashes: 'a crash',
    hostileActs: 'an act of a hostile server',
  };
  const share = (what: keyof Happenings): number =>
    (100 * reports.filter(({ happened }) => happened[what] > 0).length) / Math.max(1, reports.length);
  return (Object.keys(names) as (keyof Happenings)[])
    .map((what) => `${share(what).toFixed(0)} % ${names[what]}`)
    .join(', ');
}

/** Its files are removed if it can still do that. */
function stop(child: ChildProcess): void {
  child.kill();
  setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
}

async function run(): Promise<void> {
  const folder = await DiskFolder.create();
  // Whatever ends it, in the middle of a world too.
  process.on('exit', () => folder.remove());
  for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.on(signal, () => process.exit(1));
  process.on('message', (message: number | 'end') => {
    if (message === 'end') process.exit(0);
    void runOne(message, folder).then((report) => process.send?.(report));
  });
}

async function runOne(seed: number, folder: DiskFolder): Promise<Report> {
  const before = process.cpuUsage();
  const { problems, servers, happened } = await runFederationScenario(seed, folder, sizeOf(seed));
  collect();
  const { user, system } = process.cpuUsage(before);
  return { seed, problems, servers, happened, cpuMs: (user + system) / 1_000 };
}

/** Collects young objects where nearly all are garbage: else those of a world that goes on are copied, and then taken for old ones. */
function collect(): void {
  globalThis.gc?.({ type: 'minor' });
}

const [what, from] = process.argv.slice(2);
if (what === 'runner') await run();
else if (!(await check(Number(what ?? 200), Number(from ?? 1)))) process.exitCode = 1;
