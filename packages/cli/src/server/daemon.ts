import { spawn } from 'node:child_process';
import { CliError } from '../exit.ts';

/** What the server in the background tells the process that started it. */
export type DaemonMessage = { readonly ready: true } | { readonly failed: string; readonly exitCode: number };

/** Speaks to the process that put this one into the background. */
export interface DaemonParent {
  tell(message: DaemonMessage): void;
}

const mark = 'MYELIN_IN_BACKGROUND';

/** Set in the process that runs in the background. */
export function daemonParent(): DaemonParent | undefined {
  if (process.env[mark] === undefined || process.send === undefined) return undefined;
  return {
    tell(message) {
      if (process.connected) process.send?.(message, () => process.disconnect());
    },
  };
}

/** Starts this command again in the background; resolves when the server there answers. */
export async function daemonize(): Promise<void> {
  const [program = process.execPath, ...args] = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, [mark]: '1' },
  });
  const message = await new Promise<DaemonMessage>((resolve, reject) => {
    child.once('message', (told) => resolve(told as DaemonMessage));
    child.once('error', (error) => reject(new CliError(`the background process can't be started: ${error.message}`)));
    child.once('exit', (code, signal) =>
      reject(new CliError(`the background process ended at once (${signal ?? `exit code ${code}`})`)),
    );
  });
  if ('failed' in message) throw new CliError(message.failed, message.exitCode);
  console.log(`started, process ${child.pid}`);
  child.unref();
  if (child.connected) child.disconnect();
}
