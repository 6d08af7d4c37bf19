/** Unpadded base64 (Appendices, "Unpadded Base64"). */
export function encodeBase64(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString('base64');
  const padding = text.indexOf('=');
  return padding === -1 ? text : text.slice(0, padding);
}

/** URL-safe unpadded base64. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('base64url');
}

/**
 * Decodes base64 in either alphabet, padded or not. Other ASCII characters are passed over, as most servers do (what
 * they take as a good signature or hash must be one here too); undefined if there are others or if bits are missing.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (/^[A-Za-z0-9+/_-]*$/.test(text)) return text.length % 4 === 1 ? undefined : Buffer.from(text, 'base64');
  if (/[^\0-\x7f]/.test(text)) return undefined;
  const end = text.indexOf('=');
  const digits = (end === -1 ? text : text.slice(0, end)).replaceAll(/[^A-Za-z0-9+/_-]/g, '');
  if (digits.length % 4 === 1) return undefined;
  return Buffer.from(digits, 'base64');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
