import { CanonicalJsonError, canonicalJson } from '../../json/canonical.ts';
import { parseJson } from '../../json/parse.ts';
import type { JsonObject } from '../../json/value.ts';
import type { Category, Vector } from '../category.ts';

export const canonicalJsonVectors: Category = {
  name: 'canonical-json',
  answer(vector: Vector): JsonObject {
    const mode = vector.room_version === '1-5' ? 'lenient' : 'strict';
    const { text, base64 } = vector.input as { text?: string; base64?: string };
    const parsed = parseJson(text ?? Buffer.from(base64 ?? '', 'base64'), { numbers: mode });
    if (!parsed.ok) return { accepted: false };
    try {
      const canonical = canonicalJson(parsed.value, mode);
      return { accepted: true, canonical_base64: Buffer.from(canonical).toString('base64') };
    } catch (error) {
      if (error instanceof CanonicalJsonError) return { accepted: false };
      throw error;
    }
  },
};
