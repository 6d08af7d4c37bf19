import type { JsonObject } from '../../json/value.ts';
import { redactEvent } from '../../redaction/redact.ts';
import { versionOf, type Category, type Vector } from '../category.ts';

export const redactionVectors: Category = {
  name: 'redaction',
  answer(vector: Vector): JsonObject {
    try {
      return { pruned: redactEvent(vector.input['event'] as JsonObject, versionOf(vector)) };
    } catch (error) {
      if (error instanceof TypeError) return { error: true };
      throw error;
    }
  },
};
