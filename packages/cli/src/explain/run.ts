import { DatabaseError, openReadOnly } from '@myelin/database';
import { openExplainer } from '@myelin/homeserver';
import { loadConfig } from '@myelin/homeserver/config';
import { parseEventId } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import { CliError, exitCode } from '../exit.ts';
import { defaultConfigPath } from '../server/default-config.ts';
import { explanationJson, explanationText } from './text.ts';

export interface ExplainOptions {
  readonly configPath?: readonly string[];
  readonly json?: true;
}

/** Prints what became of an event, and why. */
export async function explainEvent(eventId: string, options: ExplainOptions): Promise<void> {
  if (!parseEventId(eventId)) {
    throw new CliError(
      `${JSON.stringify(eventId)} is not an event id: it begins with $, and the shell needs quotes around it`,
      exitCode.usage,
    );
  }
  const config = loadConfig({ paths: options.configPath ?? [configPath()] });
  const database = await openReadOnly(config.database as Parameters<typeof openReadOnly>[0], systemRuntime);
  try {
    const explanation = await openExplainer(config, database)
      .then((explainer) => explainer.explain(eventId))
      .catch(asAdvice);
    if (!explanation) {
      throw new CliError(
        `the server has no event ${eventId}: it never came, or it was dropped by the checks of format, signatures and hash, which the log tells`,
      );
    }
    process.stdout.write(options.json ? explanationJson(explanation) : explanationText(explanation));
  } finally {
    await database.close();
  }
}

function asAdvice(error: unknown): never {
  if (!(error instanceof DatabaseError) || error.kind !== 'statement') throw error;
  throw new CliError(`the database is none of Myelin's, or of another version of it: ${error.message}`);
}

function configPath(): string {
  const path = defaultConfigPath();
  if (path === undefined) throw new CliError('say which server: -c and its configuration', exitCode.usage);
  return path;
}
