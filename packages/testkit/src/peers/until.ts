const patience = 30_000;

/**
 * Asks until the answer is yes, and resolves to it: for what no sync tells, such as another server's view of a room.
 * `what` names it in the error of a wait in vain.
 */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false>,
  within = patience,
): Promise<T> {
  const deadline = performance.now() + within;
  let pauseMs = 10;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${within} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(200, pauseMs * 2);
  }
}
