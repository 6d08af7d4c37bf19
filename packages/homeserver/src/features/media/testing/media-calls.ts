import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { uploadContent } from '@myelin/api';
import type { TestClient, TestServer } from '@myelin/testkit';
import { expect } from 'vitest';

export const serverName = 'test';

/** Uploads and returns the media id. */
export async function upload(
  client: TestClient,
  bytes: Uint8Array | string,
  contentType = 'text/plain',
  filename?: string,
): Promise<string> {
  const { content_uri: uri } = await client.call(uploadContent, { bytes, contentType, query: { filename } });
  expect(uri).toMatch(/^mxc:\/\/test\/[A-Za-z0-9]{24}$/);
  return (uri as string).slice(`mxc://${serverName}/`.length);
}

/** Parameters of an address. */
export function at(mediaId: string, origin = serverName): { serverName: string; mediaId: string } {
  return { serverName: origin, mediaId };
}

/** All that lies in the server's media folder. */
export async function storedFiles({ folder }: TestServer): Promise<string[]> {
  const entries = await readdir(join(folder, 'media'), { recursive: true, withFileTypes: true });
  return entries
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .toSorted();
}

/** Uploads chunks of 64 KiB without a Content-Length, until there is an answer or they are over. */
export async function sendWithoutLength(
  server: TestServer,
  client: TestClient,
  chunks: number,
): Promise<{ status: number; body: string }> {
  const socket = connect(Number(new URL(server.baseUrl).port), '127.0.0.1');
  let received = '';
  const state = { over: false };
  const answered = new Promise<void>((resolve) => {
    const end = (): void => {
      state.over = true;
      resolve();
    };
    socket.on('data', (data: Buffer) => {
      received += data.toString();
      if (received.includes('\r\n\r\n{')) end();
    });
    socket.on('close', end);
    socket.on('error', end);
  });
  socket.write(
    `POST /_matrix/media/v3/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.accessToken}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536), Buffer.from('\r\n')]);
  for (let i = 0; i < chunks && !state.over; i++)
    await new Promise<void>((resolve) => socket.write(chunk, () => resolve()));
  if (!state.over) socket.write('0\r\n\r\n');
  await answered;
  socket.destroy();
  const [head = '', body = ''] = received.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body };
}
