import { MatrixError, type giveConsent } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { ConsentService } from '../consent-service.ts';
import { page } from './page.ts';

const longestForm = 16_384;

/** The members may stand in the form or in the address. */
export function giveConsentHandler(consent: ConsentService): Handler<typeof giveConsent> {
  return async ({ query, request }) => {
    const form = new URLSearchParams(await textOf(request.chunks()));
    const member = (name: 'u' | 'h' | 'v'): string | undefined => form.get(name) ?? query[name];
    return page(await consent.agree({ user: member('u'), signature: member('h'), version: member('v') }));
  };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of chunks) {
    length += piece.length;
    if (length > longestForm) throw new MatrixError('M_TOO_LARGE', 'The form is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
