import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeFederations } from '../../../federation/describe-federations.ts';
import { growsAnyway, hostileKinds, mayGrow } from './hostile-kinds.ts';
import { much, SendingOfKinds } from './sending-of-kinds.ts';
import { TableSizes } from './table-sizes.ts';

describeFederations((start) => {
  let sending: SendingOfKinds;
  let tables: TableSizes;
  beforeAll(async () => {
    sending = await SendingOfKinds.start(start);
    tables = await TableSizes.open(sending.world.server);
  });
  afterAll(async () => {
    await tables?.close();
    await sending?.stop();
  });

  describe('no table grows with each of the', () => {
    test.each(Object.keys(hostileKinds))('%s', async (name) => {
      await sending.send(name);
      const before = await tables.rows();
      await sending.send(name);
      const after = await tables.rows();
      const grown = [...after].filter(([table, rows]) => rows - (before.get(table) ?? 0) >= much);
      const allowed = [...growsAnyway, ...(mayGrow[name] ?? [])];
      expect(grown.map(([table]) => table).filter((table) => !allowed.includes(table))).toEqual([]);
      expect(sending.world.faults.take()).toEqual([]);
    });
  });
});
