/**
 * What big rooms cost Myelin, and Synapse beside it in the same run: `node scripts/bench-big-rooms.ts join resolve storage chains`
 * with SYNAPSE_PYTHON=/path/to/venv/bin/python (without it, Myelin alone; ONLY=synapse or ONLY=myelin takes one). Linux
 * only: figures come from /proc. The room is that of a server that exists for this purpose (big-rooms/resident.ts); the
 * servers join it, and are then sent what the measurement is about. MYELIN is the command before `start`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Kind } from './big-rooms/candidate.ts';
import { runMeasurement } from './big-rooms/measurements.ts';
import type { ResidentOrder, ResidentReply } from './big-rooms/orders.ts';
import { runResident } from './big-rooms/resident.ts';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      members: { type: 'string' },
      events: { type: 'string' },
      changes: { type: 'string' },
      keep: { type: 'boolean' },
    },
  });
  const only = process.env['ONLY'];
  const kinds: Kind[] = (['synapse', 'myelin'] as const).filter((kind) => only === undefined || only === kind);
  if (!process.env['SYNAPSE_PYTHON']) kinds.splice(0, kinds.length, 'myelin');
  const work = mkdtempSync(join(tmpdir(), 'myelin-big-rooms-'));
  const size = { members: values.members, events: values.events, changes: values.changes };
  try {
    for (const name of positionals.length === 0 ? ['join', 'resolve', 'storage', 'chains'] : positionals) {
      const results: Record<string, Record<string, number>> = {};
      for (const kind of kinds) {
        const resident = fork(import.meta.filename, ['resident'], { stdio: 'inherit' });
        try {
          const [{ name: notary }] = (await once(resident, 'message')) as [ResidentReply];
          const folder = join(work, `${name}-${kind}`);
          mkdirSync(folder);
          const order = (what: ResidentOrder): Promise<ResidentReply> => ask(resident, what);
          results[kind] = await runMeasurement(name, kind, folder, notary as string, order, size);
        } finally {
          resident.disconnect();
        }
      }
      print(name, results);
    }
  } finally {
    if (!values.keep) rmSync(work, { recursive: true, force: true });
    else console.log(`kept in ${work}`);
  }
}

async function ask(resident: ChildProcess, order: ResidentOrder): Promise<ResidentReply> {
  resident.send(order);
  const [reply] = (await once(resident, 'message')) as [ResidentReply];
  if (reply.error !== undefined) throw new Error(`resident: ${reply.error}`);
  return reply;
}

function print(name: string, results: Readonly<Record<string, Readonly<Record<string, number>>>>): void {
  const { synapse, myelin } = results;
  console.log(`\n${name}`);
  for (const figure of Object.keys(synapse ?? myelin ?? {})) {
    const [theirs, ours] = [synapse?.[figure], myelin?.[figure]];
    const ratio = theirs !== undefined && ours !== undefined && theirs !== 0 ? (ours / theirs).toFixed(3) : '';
    console.log(`  ${figure.padEnd(44)}${text(theirs)}${text(ours)}${ratio.padStart(10)}`);
  }
}

function text(value: number | undefined): string {
  return (value === undefined ? '-' : value.toFixed(value < 100 ? 2 : 0)).padStart(12);
}

await (process.argv[2] === 'resident' ? runResident() : main());
