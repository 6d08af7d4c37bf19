export type Task = () => void;

/** Runs all of them. One that throws is a mistake in the code: it ends the process as other uncaught errors do. */
export function runTasks(tasks: readonly Task[]): void {
  for (const task of tasks) {
    try {
      task();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
