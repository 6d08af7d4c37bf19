import { DatabaseError } from '../errors.ts';
import type { Job } from './job-queue.ts';

/** Tells the one who waits for a body that nothing of it was kept. */
export function settleFailed(job: Job, error: unknown): void {
  job.transaction?.runRollbackTasks();
  job.reject(error);
}

export function notCommitted(): DatabaseError {
  return new DatabaseError('io', 'A batch was flushed without having been committed');
}

export function asDatabaseError(error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  return new DatabaseError(
    'io',
    `Writing the database failed: ${error instanceof Error ? error.message : 'unknown error'}`,
  );
}
