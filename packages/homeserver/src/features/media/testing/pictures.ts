import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** A picture with four differently coloured quarters (red, green, blue, white). */
export async function picture({
  width,
  height,
  format = 'png',
  orientation,
  alpha = false,
}: {
  width: number;
  height: number;
  format?: 'png' | 'jpeg' | 'webp' | 'gif';
  orientation?: number;
  alpha?: boolean;
}): Promise<Buffer> {
  const channels = alpha ? 4 : 3;
  const raw = Buffer.alloc(width * height * channels, 128);
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ] as const;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = colours[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)] as readonly number[];
      colour.forEach((value, i) => (raw[(y * width + x) * channels + i] = value));
    }
  }
  const image = sharp(raw, { raw: { width, height, channels } });
  if (orientation !== undefined) image.withMetadata({ orientation }).withExifMerge({ IFD3: { GPSLatitudeRef: 'N' } });
  return image.toFormat(format).toBuffer();
}

/** An animation of so many frames, each of one colour. */
export async function animation(
  width: number,
  height: number,
  frames: number,
  format: 'gif' | 'webp' = 'gif',
): Promise<Buffer> {
  const pages = Array.from({ length: frames }, (_, i) => Buffer.alloc(width * height * 3, (i * 83) % 256));
  return sharp(Buffer.concat(pages), { raw: { width, height: height * frames, channels: 3, pageHeight: height } })
    .toFormat(format, { loop: 0, delay: pages.map(() => 50) })
    .toBuffer();
}

/** A PNG that says it is that large; its data is a little of zeros, as in a decompression bomb. */
export function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(10_000_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
