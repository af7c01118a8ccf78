import { setFlagsFromString } from 'node:v8';

// V8 takes the size of its heap from the machine's memory, and on a large one lets the space for new objects grow until
// loading the program alone has left 270 MB behind, of which 20 are in use. A worker makes few objects (images lie
// outside of the heap), so that space need not grow. Loading must wait for this, hence the import that is not static.
setFlagsFromString('--semi-space-growth-factor=1');
// Buffers count as the heap's, so that V8 walks all of the program's 20 MB again for every few megabytes of image that
// pass through: a third of the CPU that this process took. It may wait until as much as this has gathered.
setFlagsFromString('--heap-growing-percent=150');
const { runWorker } = await import('./run-worker.ts');
await runWorker(process.env);
