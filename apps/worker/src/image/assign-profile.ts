import { crc32, deflateSync } from 'node:zlib';

/** Signature and IHDR, which PNG (W3C, section 5.6) demands to be first. */
const AFTER_IHDR = 8 + 25;

/**
 * Says of a PNG without a colour profile that its pixels are in the colours of `icc`, by an iCCP chunk
 * (W3C PNG, section 11.3.2.3). sharp takes no profile for raw pixels, so this is how they get one.
 */
export function assignProfile(png: Buffer, icc: Buffer): Buffer {
  // Name of the profile, NUL, compression method 0.
  const content = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(icc, { level: 1 })]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length - 4);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([png.subarray(0, AFTER_IHDR), length, content, checksum, png.subarray(AFTER_IHDR)]);
}
