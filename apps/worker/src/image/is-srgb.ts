/**
 * Whether a colour profile says no more than sRGB, so that pixels can stay as they are: most profiles do, and the
 * transform costs more than decoding a JPEG. By what the profile defines (ICC.1, sections 8.3 and 10), not by its name:
 * primaries and curves. In doubt, as of a profile that is broken, it is another.
 */
export function isSrgb(icc: Buffer): boolean {
  try {
    if (icc.toString('latin1', 16, 24) !== 'RGB XYZ ') return false;
    const tags = readTags(icc);
    // Tables go before primaries and curves.
    if (tags.has('A2B0') || tags.has('A2B1')) return false;
    return (
      Object.entries(PRIMARIES).every(([name, xyz]) => isNear(readXyz(tags.get(name)), xyz)) &&
      ['rTRC', 'gTRC', 'bTRC'].every((name) => isSrgbCurve(tags.get(name)))
    );
  } catch {
    return false;
  }
}

/** sRGB's primaries (IEC 61966-2-1), adapted to the white of profiles, D50. */
const PRIMARIES: Record<string, number[]> = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
};
/** Of primaries, and of a curve: half a step of 8 bits. */
const TOLERANCE = 0.002;
/** Stops profiles that list tags without end; sRGB's list under 20. */
const MAX_TAGS = 100;

function readTags(icc: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>();
  const count = Math.min(icc.readUInt32BE(128), MAX_TAGS);
  for (let tag = 0, at = 132; tag < count; tag++, at += 12) {
    const [offset, size] = [icc.readUInt32BE(at + 4), icc.readUInt32BE(at + 8)];
    tags.set(icc.toString('latin1', at, at + 4), icc.subarray(offset, offset + size));
  }
  return tags;
}

const fixed = (tag: Buffer, at: number): number => tag.readInt32BE(at) / 65_536;

const readXyz = (tag?: Buffer): number[] => (tag ? [8, 12, 16].map((at) => fixed(tag, at)) : []);

const isNear = (values: number[], expected: number[]): boolean =>
  expected.every((each, index) => Math.abs((values[index] ?? Number.NaN) - each) < TOLERANCE);

/** Its value at a few points, from nearly black to white. */
function isSrgbCurve(tag?: Buffer): boolean {
  const curve = tag && readCurve(tag);
  if (!curve) return false;
  return [0.01, 0.03, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1].every(
    (x) => Math.abs(curve(x) - srgbCurve(x)) < TOLERANCE,
  );
}

const srgbCurve = (x: number): number => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);

/** A table of 256 points or more, or the function that sRGB is defined by; a curve of another kind is not its. */
function readCurve(tag: Buffer): ((x: number) => number) | undefined {
  const kind = tag.toString('latin1', 0, 4);
  if (kind === 'curv') {
    const last = tag.readUInt32BE(8) - 1;
    if (last < 255) return undefined;
    return (x) => tag.readUInt16BE(12 + 2 * Math.round(x * last)) / 65_535;
  }
  if (kind !== 'para' || tag.readUInt16BE(8) !== 3) return undefined;
  const [g = 0, a = 0, b = 0, c = 0, d = 0] = [12, 16, 20, 24, 28].map((at) => fixed(tag, at));
  return (x) => (x >= d ? (a * x + b) ** g : c * x);
}
