/** Preloaded into the API's process, which then tells by its IPC channel what memory it holds. */

/** Milliseconds between two looks at the resident memory. */
const SAMPLE = 5;

let peak = 0;
let sampling: NodeJS.Timeout | undefined;

process.on('message', async (asked) => {
  if (asked === 'watch') {
    peak = process.memoryUsage.rss();
    sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, SAMPLE);
    process.send?.({});
  }
  if (asked === 'peak') {
    clearInterval(sampling);
    process.send?.({ peak });
  }
  if (asked === 'collect') {
    // Twice: what finalizers let go of in the first is collected in the second.
    for (let round = 0; round < 2; round++) {
      await globalThis.gc?.({ execution: 'async', type: 'major' });
    }
    process.send?.(process.memoryUsage());
  }
});
