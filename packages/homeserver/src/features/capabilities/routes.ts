import { federation, getCapabilities, getVersions, getWellknown, getWellknownSupport } from '@myelin/api';
import type { Config } from '../../config/index.ts';
import { route, type Route } from '../../http/index.ts';
import { capabilities, type CapabilityFacts } from './capabilities.ts';
import { getCapabilitiesHandler } from './handlers/get-capabilities.ts';
import { getServerWellknownHandler } from './handlers/get-server-wellknown.ts';
import { getVersionsHandler } from './handlers/get-versions.ts';
import { getWellknownSupportHandler } from './handlers/get-wellknown-support.ts';
import { getWellknownHandler } from './handlers/get-wellknown.ts';
import { unstableFeatures } from './versions.ts';
import { clientWellKnown, serverWellKnown, supportWellKnown } from './well-known.ts';

export function capabilitiesRoutes(
  config: Pick<Config, 'server' | 'rooms' | 'experimental'>,
  facts: CapabilityFacts,
): Route[] {
  return [
    route(getVersions, getVersionsHandler(unstableFeatures(config))),
    route(getCapabilities, getCapabilitiesHandler(capabilities(facts))),
    route(getWellknown, getWellknownHandler(clientWellKnown(config))),
    route(federation.getWellKnown, getServerWellknownHandler(serverWellKnown(config))),
    route(getWellknownSupport, getWellknownSupportHandler(supportWellKnown(config))),
  ];
}
