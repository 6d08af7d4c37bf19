import { postReceipt, setReadMarker } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { postReceiptHandler } from './handlers/post-receipt.ts';
import { setReadMarkerHandler } from './handlers/set-read-marker.ts';
import type { Receipts } from './receipts.ts';

export function receiptsRoutes(receipts: Receipts): Route[] {
  return [route(postReceipt, postReceiptHandler(receipts)), route(setReadMarker, setReadMarkerHandler(receipts))];
}
