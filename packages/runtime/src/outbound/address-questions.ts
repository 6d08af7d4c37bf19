import type { Timers } from '../timers.ts';

/** What a question to DNS brought. */
export interface Answer {
  readonly found: readonly string[];
  /** Why there is nothing; undefined too while there is no answer. */
  readonly failure?: unknown;
}

/** Once there are addresses of one kind, those of the other kind are waited for so many ms more. */
const patience = 2000;

/**
 * The answers to several questions, in their order. Never rejects. Some name servers leave the question for IPv6
 * addresses unanswered: what the others brought doesn't wait until that is given up.
 */
export function answersTo(questions: readonly Promise<readonly string[]>[], timers: Timers): Promise<Answer[]> {
  return new Promise((resolve) => {
    const answers: Answer[] = questions.map(() => ({ found: [] }));
    let open = questions.length;
    const end = (): void => resolve([...answers]);
    for (const [at, question] of questions.entries()) {
      void question
        .then(
          (found): Answer => ({ found }),
          (failure: unknown): Answer => ({ found: [], failure }),
        )
        .then((answer) => {
          answers[at] = answer;
          open--;
          if (open === 0) return end();
          if (answer.found.length > 0) timers.after(patience, end);
        });
    }
  });
}

/** First of each, second of each, and so on: a kind that this machine can't reach costs one try, not all (RFC 8305 §4). */
export function alternating(kinds: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...kinds.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => kinds.flatMap((kind) => kind.slice(at, at + 1))).flat();
}
