export { runCrashScenario, type ScenarioResult } from './crash-scenario.ts';
export { runFederationScenario, type FederationResult, type Happenings } from './federation/federation-scenario.ts';
export { measureManyServers, type Cost } from './federation/many-servers.ts';
export { sizeOf, type FederationSize } from './federation/world-size.ts';
export { SeededRandom } from './seeded-random.ts';
export { DiskFolder, SimulatedDisk } from './simulated-disk.ts';
export { ConnectionLost, SimulatedServer } from './simulated-server.ts';
export { VirtualTime } from './virtual-time.ts';
