import type { JsonObject } from '../../json/value.ts';
import { compileServerAcl, isServerAllowed } from '../../server-acl/server-acl.ts';
import type { Category, Vector } from '../category.ts';

export const serverAclVectors: Category = {
  name: 'server-acl',
  answer({ input }: Vector): JsonObject {
    const acl = compileServerAcl(input['content'] as JsonObject);
    return { allowed: isServerAllowed(acl, input['server_name'] as string) };
  },
  facts: ({ input }) => ({
    cause: /^(?=.*\b0\d)(\d+\.){3}\d+(:\d*)?$/.test(input['server_name'] as string) ? 'leading-zeros' : '',
  }),
};
