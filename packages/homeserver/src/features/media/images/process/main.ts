// The process that decodes pictures: what it is sent comes from strangers, so a decoder that crashes or is taken over
// has neither the server's memory nor its keys. Started by ../process-images.ts; ends with the server.
import { setPriority } from 'node:os';
import sharp from 'sharp';
import type { ImageReply, ImageRequest } from '../messages.ts';
import { answerImageRequest, limitDecoders } from './decode.ts';

limitDecoders(sharp);
// Messages go before pictures.
setPriority(5);

process.on('message', (request: ImageRequest) => {
  void answerImageRequest(sharp, request).then((reply: ImageReply) => {
    if (process.connected) process.send?.(reply);
  });
});
process.on('disconnect', () => process.exit(0));
