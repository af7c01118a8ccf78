/** Why an image process ended while it was needed. */
export type CauseOfDeath =
  /** It has not come up. */
  | 'unstarted'
  /** The image took longer than allowed. */
  | 'timeout'
  /** It took more memory than allowed. */
  | 'memory'
  /** The decoder broke down, or said what ours don't say. */
  | 'crash'
  /** Somebody else killed it: the kernel for want of memory, or an operator. */
  | 'killed';

export class ImageProcessDied extends Error {
  override readonly name = 'ImageProcessDied';
  readonly how: CauseOfDeath;
  constructor(how: CauseOfDeath, detail: string) {
    super(`The image process ended (${how}): ${detail}`);
    this.how = how;
  }
}
