import { Command, Option } from 'commander';
import type { ExplainOptions } from '../explain/run.ts';
import { configPathOption } from '../options.ts';

export function explainCommand(): Command {
  return new Command('explain')
    .description('say why an event was accepted, refused or soft-failed, and what a forked room made of it')
    .argument('<event>', "the event's id, in quotes: '$…'")
    .addOption(configPathOption())
    .addOption(new Option('--json', 'print it as JSON'))
    .addHelpText('after', '\nReads the database that the configuration names; the server may be running.')
    .action(async (eventId: string, options: ExplainOptions) => {
      const { explainEvent } = await import('../explain/run.ts');
      await explainEvent(eventId, options);
    });
}
