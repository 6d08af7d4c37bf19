import { runVectors } from './run-vectors.ts';

const usage = `Compares this package's answers with test vectors.

  npm run vectors -- [--verbose] FILE ...

FILE: one JSON object a line, gzipped or not. --verbose shows what was answered. Exit code 1 if any vector disagrees.
`;

const args = process.argv.slice(2);
const paths = args.filter((arg) => !arg.startsWith('--'));
if (paths.length === 0 || args.includes('--help')) {
  process.stdout.write(usage);
  process.exitCode = args.includes('--help') ? 0 : 2;
} else {
  process.exitCode = runVectors(paths, {
    verbose: args.includes('--verbose'),
    write: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
  });
}
