import type { Request } from '../../src/image/protocol.ts';

/** What is asked of changed files: the limits of production, and renditions that cost little. */
export const MUTANT_REQUEST: Request = {
  declaredType: 'image/jpeg',
  limits: { maxPixels: 50_000_000, maxSide: 30_000, maxFrames: 300, maxTotalPixels: 50_000_000 },
  output: { maxSide: 256, variantWidths: [64], quality: 70, effort: 0 },
};
