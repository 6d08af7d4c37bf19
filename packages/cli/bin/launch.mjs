// Plain JavaScript, so that an old Node.js can say what is wrong instead of failing at the first type.
import process from 'node:process';

/**
 * Runs a command: `myelin` itself, or one of its subcommands under a name of its own.
 * @param {string} [subcommand]
 */
export async function launch(subcommand) {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 24) {
    console.error(
      `myelin: this is Node.js ${process.versions.node}, and 24 is needed. It was installed along: start through npm, which finds it (npm start, or npx myelin …).`,
    );
    process.exitCode = 1;
    return;
  }
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(
    subcommand === undefined ? process.argv.slice(2) : [subcommand, ...process.argv.slice(2)],
  );
}
