/**
 * Calls `beat` every `everyMs` until stopped. Beats don't overlap; one that fails is told to `onError` and the
 * next one tries again. `stop` resolves when no beat is under way any more.
 */
export function startHeartbeat(
  everyMs: number,
  beat: () => Promise<void>,
  onError: (error: unknown) => void,
): { stop: () => Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout;
  let beating = Promise.resolve();
  const schedule = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      beating = beat().catch(onError).then(schedule);
    }, everyMs);
  };
  schedule();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return beating;
    },
  };
}
