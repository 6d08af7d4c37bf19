import {
  CryptoEvent,
  VerificationPhase,
  VerifierEvent,
  type ShowSasCallbacks,
  type VerificationRequest,
  type Verifier,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import { until, type SdkSession } from './sdk-session.ts';

/** Two people compare emoji in their room and then trust each other's identity. Returns what each was shown. */
export async function verifyPeople(alice: SdkSession, bob: SdkSession, roomId: string): Promise<[string, string]> {
  const received = new Promise<VerificationRequest>((resolve) => {
    bob.client.once(CryptoEvent.VerificationRequestReceived, resolve);
  });
  const asked = await alice.client.getCrypto()!.requestVerificationDM(bob.userId, roomId);
  const request = await received;
  await request.accept();
  await until(alice.client, 'Room.timeline' as never, () => asked.phase === VerificationPhase.Ready);
  const atAlice = await asked.startVerification('m.sas.v1');
  const atBob = await until(bob.client, 'Room.timeline' as never, () => request.verifier);
  const shown = await Promise.all([compare(atAlice), compare(atBob)]);
  await until(alice.client, CryptoEvent.UserTrustStatusChanged as never, async () => {
    const status = await alice.client.getCrypto()!.getUserVerificationStatus(bob.userId);
    return status.isCrossSigningVerified();
  });
  return shown;
}

/** Confirms whatever is shown: that both were shown the same is for the test to see. */
async function compare(verifier: Verifier): Promise<string> {
  let shown = '';
  const confirm = (sas: ShowSasCallbacks): void => {
    shown = (sas.sas.emoji ?? []).map(([emoji]) => emoji).join(' ');
    void sas.confirm();
  };
  verifier.on(VerifierEvent.ShowSas, confirm);
  await verifier.verify();
  return shown;
}
