export { policyKeyId, PolicyServers, type Recommending } from './policy-servers.ts';
