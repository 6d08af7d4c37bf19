import { MatrixError } from '@myelin/api';
import { isNamespacedId, type JsonValue } from '@myelin/protocol';

/** Most bytes of a field's name. Client-Server API §PUT /profile/{userId}/{keyName}. */
const longestName = 255;
/** In characters, as with Synapse. */
const longestDisplayName = 256;
const longestAvatarUrl = 1000;
/** A profile as JSON stays under this, in bytes. */
export const largestProfile = 65_536;

/** Throws M_KEY_TOO_LARGE or M_INVALID_PARAM for what can't be the name of a field. */
export function checkFieldName(name: string): void {
  if (Buffer.byteLength(name) > longestName)
    throw new MatrixError('M_KEY_TOO_LARGE', `The name of a profile field has at most ${longestName} bytes`);
  if (!isNamespacedId(name)) throw new MatrixError('M_INVALID_PARAM', 'That is not a valid name of a profile field');
}

/** What is stored for a value: undefined takes the field out. Throws for values that the field can't have. */
export function normalizedValue(name: string, value: JsonValue): JsonValue | undefined {
  if (name === 'displayname') {
    const text = requireText(name, value).trim();
    if ([...text].length > longestDisplayName)
      throw new MatrixError('M_INVALID_PARAM', `Displayname is too long (max ${longestDisplayName})`);
    return text === '' ? undefined : text;
  }
  if (name === 'avatar_url') {
    const text = requireText(name, value);
    if ([...text].length > longestAvatarUrl)
      throw new MatrixError('M_INVALID_PARAM', `Avatar URL is too long (max ${longestAvatarUrl})`);
    return text === '' ? undefined : text;
  }
  if (name === 'm.tz') requireText(name, value);
  return value;
}

/** Older clients send null for a name or picture that is to be gone. */
function requireText(name: string, value: JsonValue): string {
  if (value === null && name !== 'm.tz') return '';
  if (typeof value !== 'string') throw new MatrixError('M_INVALID_PARAM', `'${name}' must be a string`);
  return value;
}
