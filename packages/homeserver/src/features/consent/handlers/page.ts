import { bytes, type Answer } from '../../../http/index.ts';

/** A page that no other site may show inside of its own, and nobody keeps. */
export function page(html: string): Answer {
  return bytes(html, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "frame-ancestors 'none'",
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  });
}
