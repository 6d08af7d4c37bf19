import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testConfig } from '../../config/index.ts';
import { thumbnailTarget, type ImageFacts } from './thumbnail-target.ts';

const { thumbnailSizes } = testConfig().media;
const rules = { sizes: thumbnailSizes, maxPixels: 32_000_000 };
const photograph: ImageFacts = { format: 'jpeg', width: 4000, height: 3000, hasAlpha: false, frames: 1 };

// What Synapse 1.163.2 answers for these requests with its default sizes.
test.each([
  [photograph, 'scale', 320, 240, [320, 240]],
  [photograph, 'scale', 321, 240, [320, 240]],
  [photograph, 'scale', 400, 400, [640, 480]],
  [photograph, 'scale', 1000, 1000, [800, 600]],
  [photograph, 'crop', 32, 32, [32, 32]],
  [photograph, 'crop', 33, 33, [96, 96]],
  [{ ...photograph, width: 3000, height: 4000 }, 'scale', 320, 240, [180, 240]],
  [{ ...photograph, width: 1001, height: 3 }, 'scale', 320, 240, [320, 1]],
] as const)('%o %s %dx%d', (image, method, width, height, [targetWidth, targetHeight]) => {
  expect(thumbnailTarget(image, { width, height, method, animated: false }, rules)).toMatchObject({
    width: targetWidth,
    height: targetHeight,
    method,
    type: 'image/jpeg',
  });
});

const size = fc.integer({ min: 1, max: 20_000 });
const images = fc.record({
  format: fc.constantFrom('jpeg', 'png', 'webp', 'gif'),
  width: size,
  height: size,
  hasAlpha: fc.boolean(),
  frames: fc.integer({ min: 1, max: 1000 }),
});
const wishes = fc.record({
  width: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  height: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  method: fc.constantFrom('crop', 'scale'),
  animated: fc.boolean(),
});

test('a thumbnail has at least a pixel and never more than the picture', () => {
  fc.assert(
    fc.property(images, wishes, fc.boolean(), (image, wanted, dynamic) => {
      const target = thumbnailTarget(image, wanted, { ...rules, sizes: dynamic ? undefined : thumbnailSizes });
      expect(target?.width).toBeGreaterThanOrEqual(1);
      expect(target?.height).toBeGreaterThanOrEqual(1);
      expect(target?.width).toBeLessThanOrEqual(image.width);
      expect(target?.height).toBeLessThanOrEqual(image.height);
      expect(Number.isSafeInteger(target?.width) && Number.isSafeInteger(target?.height)).toBe(true);
      if (target?.animated) expect(image.width * image.height * image.frames).toBeLessThanOrEqual(rules.maxPixels);
      if (!wanted.animated) expect(target?.animated).toBe(false);
    }),
  );
});

// Synapse takes 32x32 here.
test('of sizes that are too small, the largest', () => {
  const target = thumbnailTarget(photograph, { width: 200, height: 100, method: 'crop', animated: false }, rules);
  expect(target).toMatchObject({ width: 96, height: 96 });
});

test('dynamic_thumbnails: cropped to the wanted shape where the picture is large enough', () => {
  expect(
    thumbnailTarget(
      photograph,
      { width: 123, height: 45, method: 'crop', animated: false },
      { ...rules, sizes: undefined },
    ),
  ).toMatchObject({
    width: 123,
    height: 45,
  });
});
