import { beforeAll, expect, test } from 'vitest';
import { describePeers } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { png } from './png.ts';

describePeers('media', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  beforeAll(async () => {
    for (const side of sides) users[side] = await peers().register(side, side.toLowerCase());
  });

  test.each(sides)('a file of %s is read from the other, with its name and type', async (side) => {
    const [one, other] = [users[side], users[otherSide(side)]];
    const bytes = new TextEncoder().encode(`a text of ${side}, `.repeat(20_000));
    const params = await upload(one, bytes, 'text/plain', 'Größe.txt');
    const answer = await other.client.send('getContentAuthed', { params });
    expect(Buffer.from(answer.bytes).equals(bytes)).toBe(true);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(answer.headers.get('content-disposition')).toContain("filename*=utf-8''Gr%C3%B6%C3%9Fe.txt");
    const missing = { params: { ...params, mediaId: 'nothinghere' } };
    await other.client.call('getContentAuthed', missing, { expect: 'M_NOT_FOUND' });
  });

  test.each(sides)('a thumbnail of a picture of %s is read from the other', async (side) => {
    const [one, other] = [users[side], users[otherSide(side)]];
    const params = await upload(one, png(1200, 900), 'image/png', 'picture.png');
    const query = { width: 320, height: 240, method: 'scale' };
    const answer = await other.client.send('getContentThumbnailAuthed', { params, query });
    expect(answer.headers.get('content-type')).toMatch(/^image\//);
    expect(answer.bytes.length).toBeGreaterThan(60);
    const whole = await other.client.send('getContentAuthed', { params });
    expect(whole.headers.get('content-type')).toBe('image/png');
  });

  async function upload(
    user: PeerUser,
    bytes: Uint8Array,
    contentType: string,
    filename: string,
  ): Promise<{ serverName: string; mediaId: string }> {
    const answer = await user.client.call('uploadContent', { bytes, contentType, query: { filename } });
    const [serverName, mediaId] = answer.content_uri.slice('mxc://'.length).split('/');
    return { serverName, mediaId };
  }
});
