import { systemRuntime } from '@myelin/runtime';
import { DatabaseError } from '../errors.ts';
import { openDatabase } from '../open.ts';

// For a test, in a process of its own: opens the file that is named, and prints what came of it.

try {
  const database = await openDatabase({ kind: 'sqlite', path: process.argv[2] ?? '' }, systemRuntime);
  await database.close();
  console.log('opened');
} catch (error) {
  console.log(error instanceof DatabaseError ? `${error.kind}: ${error.message}` : String(error));
}
