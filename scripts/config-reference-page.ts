import {
  isServed,
  legacyOptions,
  optionSections,
  servedOptions,
  type Option,
  type OptionSection,
} from '@myelin/homeserver/config';

/** docs/reference/configuration.md */
export function configReferencePage(): string {
  const all = optionSections.flatMap((section) => section.options);
  const served = all.filter(({ name }) => isServed(name)).length;
  return [introduction(all.length, served), ...optionSections.map(sectionText), oldOptions()].join('\n');
}

function introduction(count: number, served: number): string {
  return `<!-- Made by \`npm run docs\` from packages/homeserver/src/config; change it there. -->

# Configuration

Myelin reads the homeserver.yaml of Synapse. Of its ${count} options below, ${served} have their effect by now; the others are known, and a
start that finds one of them says so by name. docs/sample-homeserver.yaml shows all of them with their defaults.

- The file is YAML 1.1, as Synapse reads it: \`yes\`, \`no\`, \`on\` and \`off\` are truth values, numbers that begin with 0 are octal.
- \`--config-path\` can be given several times, and can name a folder, whose \`*.yaml\` are read in the order of their names. A
  top-level option of a later file takes the place of the one in an earlier file, with all that is below it.
- A *duration* is a number with \`s\`, \`m\`, \`h\`, \`d\`, \`w\` or \`y\` behind it, or a number of milliseconds. A *size* is a number with \`K\`, \`M\`,
  \`G\` or \`T\` behind it (powers of 1024), or a number of bytes.
- Relative paths start at the folder in which the server is started.
- \`[]\` stands for each item of a list, \`<key>\` for a key of your choice.
- An option that isn't known has no effect; the start says so and names the option that is most like it.
- What can't be used, or contradicts something else, keeps the server from starting, with one sentence that says why.
`;
}

function sectionText({ title, intro, options }: OptionSection): string {
  const rows = options.map((option) => {
    const served = isServed(option.name) ? 'yes' : hasServed(option.name) ? 'partly' : '';
    return `| \`${option.name}\` | ${option.type} | ${shownDefault(option)} | ${served} | ${cell(option.doc)} |`;
  });
  return [
    `## ${title}`,
    '',
    ...(intro === '' ? [] : [intro, '']),
    '| option | type | default | served | what it does |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Whether something below an option has its effect. */
function hasServed(name: string): boolean {
  const below = [`${name}.`, `${name}[`];
  return [...servedOptions].some((served) => below.some((start) => served.startsWith(start)));
}

function shownDefault({ fallback }: Option): string {
  if (fallback === undefined || fallback === null) return '';
  const text = JSON.stringify(fallback);
  return text.length > 60 ? 'see the sample' : `\`${cell(text)}\``;
}

function oldOptions(): string {
  const outcome = { refused: 'the server does not start', ignored: 'no effect', accepted: 'still works' } as const;
  const rows = legacyOptions.map(
    (option) => `| \`${option.name}\` | ${outcome[option.outcome]} | ${cell(option.doc)} |`,
  );
  return [
    '## Old options',
    '',
    'Options that Synapse had or still reads, and that others have replaced.',
    '',
    '| option | what happens | instead |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
