/** Of a WebP (its container specification, RFC 9649): pixels and what an animation is made of, and nothing else. */
const PARTS = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF']);
const PIXELS = new Set(['VP8 ', 'VP8L', 'ANMF']);

/** What is wrong with a file that should be a WebP without metadata, by a walk of its container to the last byte. */
export function webpFlaws(webp: Buffer): string[] {
  if (webp.toString('latin1', 0, 4) !== 'RIFF' || webp.toString('latin1', 8, 12) !== 'WEBP') {
    return ['is no WebP'];
  }
  const flaws = webp.readUInt32LE(4) === webp.length - 8 ? [] : ['has another length than it says'];
  const parts: string[] = [];
  let at = 12;
  while (at + 8 <= webp.length) {
    parts.push(webp.toString('latin1', at, at + 4));
    const length = webp.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
  if (at !== webp.length) flaws.push('is cut short or goes on behind its end');
  if (parts.some((part) => !PARTS.has(part))) flaws.push(`has the parts ${parts}`);
  if (!parts.some((part) => PIXELS.has(part))) flaws.push('has no pixels');
  return flaws;
}
