import { section } from '../option.ts';

export const outboundRequestsOptions = section(
  'Outbound requests',
  'Which addresses the server reaches, and through which proxy.',
  [
    ['user_agent_suffix', 'string or null', null, 'Added to the User-Agent of requests.'],
    [
      'ip_range_blacklist',
      'list',
      [
        '127.0.0.0/8',
        '10.0.0.0/8',
        '172.16.0.0/12',
        '192.168.0.0/16',
        '100.64.0.0/10',
        '192.0.0.0/24',
        '169.254.0.0/16',
        '192.88.99.0/24',
        '198.18.0.0/15',
        '192.0.2.0/24',
        '198.51.100.0/24',
        '203.0.113.0/24',
        '224.0.0.0/4',
        '::1/128',
        'fe80::/10',
        'fc00::/7',
        '2001:db8::/32',
        'ff00::/8',
        'fec0::/10',
      ],
      'Address ranges that requests for push, previews, identity servers and federation must not reach.',
    ],
    ['ip_range_whitelist', 'list', [], 'Address ranges that they may reach all the same.'],
    ['http_proxy', 'string or null', undefined, 'Proxy for http requests; also from the environment.'],
    ['https_proxy', 'string or null', undefined, 'Proxy for https requests; also from the environment.'],
    [
      'no_proxy_hosts',
      'list',
      undefined,
      'Hosts and ranges that are reached without it; also from the environment (no_proxy).',
    ],
  ],
);
