/** Longest wait between two tries, in ms: all are back within 35 s of a fault that has passed. */
const LONGEST_MS = 30_000;

/**
 * Returns after `leastMs`, doubled for each failure in a row and hardly ever the same for two clients; at once when the
 * browser is online again or `signal` is given.
 */
export const pause = (leastMs: number, failures: number, signal: AbortSignal): Promise<unknown> =>
  new Promise((done) => {
    const ms = (Math.min(leastMs * 2 ** failures, LONGEST_MS) * (1 + Math.random())) >> 1; // whole, or Node refuses it
    const until = { once: true, signal: AbortSignal.timeout(ms) };
    setTimeout(done, ms);
    signal.addEventListener("abort", done, until);
    addEventListener("online", done, until);
  });

/** Does `work` until it does not fail, or `signal` is given. */
export async function insist(work: () => Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      return await work();
    } catch {
      await pause(1_000, ++failures, signal);
    }
  }
  return;
}
