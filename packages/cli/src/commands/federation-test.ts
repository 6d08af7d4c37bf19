import { Command } from 'commander';
import type { FederationTestOptions } from '../federation-test/run.ts';
import { configPathOption } from '../options.ts';

export function federationTestCommand(): Command {
  return new Command('federation-test')
    .description('look at a server as other servers do: names, TLS, keys, clock, version')
    .argument('[name]', 'the server, as in @user:NAME; with -c your own if none is given')
    .addOption(configPathOption())
    .action(async (name: string | undefined, options: FederationTestOptions) => {
      const { federationTest } = await import('../federation-test/run.ts');
      await federationTest(name, options);
    });
}
