export { policyKeyId, PolicyServers, type Recommending, type Unwanted } from './policy-servers.ts';
