import { setFlagsFromString } from 'node:v8';

/**
 * For a process whose requests or images make few objects of JavaScript's, to be called before its program is imported
 * (not statically, which would load it first). V8 takes the size of its heap from the machine's memory, and on a large
 * one lets the space for new objects grow until loading the program alone has left 250 MB behind, of which 20 to 35 are
 * in use.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  // Otherwise V8, for which buffers count as the heap's, walks all of the program's objects again for every few megabytes
  // that pass through: a third of the worker's CPU beside its image processes. It may wait until as much has gathered.
  setFlagsFromString('--heap-growing-percent=150');
}
