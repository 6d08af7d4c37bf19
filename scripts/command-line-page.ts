import { createProgram } from '@myelin/cli';

/** docs/reference/command-line.md */
export function commandLinePage(): string {
  const program = createProgram().configureHelp({ helpWidth: 120 });
  return [introduction, ...[program, ...program.commands].map(help)].join('\n');
}

const introduction = `<!-- Made by \`npm run docs\` from packages/cli/src; change it there. -->

# The command line

\`myelin\` takes the flags of \`synapse_homeserver\`, and has subcommands. \`register_new_matrix_user\`, \`hash_password\`,
\`generate_config\`, \`generate_log_config\` and \`generate_signing_key\` are commands of their own too. In a checkout they are called
by \`npx myelin …\` or \`npm run myelin -- …\`.

| exit code | what it says |
|---|---|
| 0 | done |
| 1 | it was tried, and didn't work; one sentence on the standard error says why |
| 2 | the command line can't be understood |
| 3 | the configuration is refused |
| 4 | \`start\`: it runs already |
| 5 | \`stop\`: it doesn't run |

\`myelin start\` without a configuration uses ./homeserver.yaml, or ./data/homeserver.yaml, which it makes the first time, with
keys and secrets, for the server name \`localhost\` on port 8008 of this machine. MYELIN_SERVER_NAME gives another name, MYELIN_DATA another
folder. It stays in the foreground unless \`daemonize\` or \`--daemonize\` says otherwise. SIGTERM and SIGINT end it when what is under way is
finished, a second one at once; SIGHUP opens the log files anew. With MYELIN_DEBUG set, errors show where they come from.
`;

function help(command: ReturnType<typeof createProgram>): string {
  const title = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  return `## ${title}\n\n\`\`\`\n${command.configureHelp({ helpWidth: 120 }).helpInformation().trim()}\n\`\`\`\n`;
}
