import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verify } from '@node-rs/bcrypt';
import { loadConfig } from '@myelin/homeserver/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli, runHere } from './testing/run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'myelin-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const generate = () => [
  '--generate-config',
  '-H',
  'example.org',
  '-c',
  at('conf/homeserver.yaml'),
  '--data-directory',
  folder,
  '--report-stats=no',
];

describe('the command line', () => {
  it.each([
    [['--help'], 0],
    [['start', '--help'], 0],
    [['register_new_matrix_user', '--help'], 0],
    [['hash_password', '--help'], 0],
    [['--version'], 0],
    [[], 2],
    [['--nonsense'], 2],
    [['nonsense'], 2],
    [['start', 'nonsense'], 2],
    [['--generate-config'], 2],
    [['--generate-config', '-c', 'x.yaml'], 2],
    [['--generate-config', '-c', 'x.yaml', '--report-stats=maybe'], 2],
    [['--generate-config', '-c', 'x.yaml', '--report-stats=no', '-H', 'https://x'], 2],
    [['start', '-c', 'none.yaml'], 3],
    [['stop', '-c', 'none.yaml'], 3],
  ])('%j ends with %d', async (args, code) => {
    const outcome = await runHere(args);
    expect(outcome.code).toBe(code);
    expect(outcome.err).not.toMatch(/^\s+at /m);
    expect(code === 0 ? outcome.out : outcome.err).not.toBe('');
  });

  it("doesn't know what to stop without a configuration", async () => {
    expect((await runCli(folder, ['stop'])).code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says in one line what is wrong', async () => {
    const outcome = await runCli(folder, ['start', '-c', 'none.yaml']);
    expect(outcome.err).toBe(`myelin: ${join(folder, 'none.yaml')}: doesn't exist\n`);
  });
});

describe('generating a configuration', () => {
  it('writes it with key, secrets and log configuration, for nobody else to read', async () => {
    expect((await runHere(generate())).code).toBe(0);
    expect(readdirSync(join(folder, 'conf')).sort()).toEqual([
      'example.org.log.config',
      'example.org.signing.key',
      'homeserver.yaml',
    ]);
    expect(readFileSync(join(folder, 'conf/example.org.signing.key'), 'utf8')).toMatch(
      /^ed25519 a_[A-Za-z0-9]{4} [A-Za-z0-9+/]{43}\n$/,
    );
    for (const name of readdirSync(join(folder, 'conf')))
      expect(statSync(join(folder, 'conf', name)).mode & 0o007).toBe(0);
    const config = loadConfig({ paths: [join(folder, 'conf')], cwd: folder });
    expect(config.server.name).toBe('example.org');
    expect(config.metrics.reportStats).toBe(false);
    expect(config.registration.sharedSecret).toMatch(/^\w{50}$/);
    expect(config.logging.outputs).toMatchObject([{ target: 'file', path: join(folder, 'homeserver.log') }]);
    expect(config.notices).toEqual([]);
  });

  it('never writes over one', async () => {
    mkdirSync(join(folder, 'conf'));
    writeFileSync(join(folder, 'conf/homeserver.yaml'), 'mine: true');
    const outcome = await runHere(generate());
    expect(outcome.code).toBe(1);
    expect(outcome.err).toContain('exists already; it is left as it is');
    expect(readFileSync(join(folder, 'conf/homeserver.yaml'), 'utf8')).toBe('mine: true');
  });

  it('writes what is missing, and leaves what is there', async () => {
    writeFileSync(
      join(folder, 'h.yaml'),
      `server_name: x\nreport_stats: no\nlog_config: ${at('log.yaml')}\nregistration_shared_secret_path: ${at('secret')}\n`,
    );
    writeFileSync(join(folder, 'log.yaml'), 'mine');
    const outcome = await runHere(['--generate-keys', '-c', at('h.yaml')]);
    expect(outcome).toMatchObject({
      code: 0,
      out: `wrote ${join(folder, 'x.signing.key')}\nwrote ${join(folder, 'secret')}\n`,
    });
    expect(readFileSync(join(folder, 'log.yaml'), 'utf8')).toBe('mine');
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toMatch(/^\w{50}\n$/);
    expect((await runHere(['--generate-keys', '-c', at('h.yaml')])).out).toBe('nothing is missing\n');
  });

  it('gives a key of the oldest form a name', async () => {
    const seed = Buffer.alloc(32, 7).toString('base64').replace('=', '');
    writeFileSync(join(folder, 'h.yaml'), 'server_name: x\nreport_stats: no\n');
    writeFileSync(join(folder, 'x.signing.key'), `${seed}\n`);
    await runHere(['--generate-keys', '-c', at('h.yaml')]);
    expect(readFileSync(join(folder, 'x.signing.key'), 'utf8')).toMatch(
      new RegExp(`^ed25519 a_\\w{4} ${seed.replace(/[+/]/g, '.')}\\n$`),
    );
  });

  it('prints one', async () => {
    const outcome = await runCli(folder, [
      'generate_config',
      '--server-name',
      'x.org',
      '--report-stats',
      'yes',
      '--generate-secrets',
    ]);
    expect(outcome.out).toContain('server_name: "x.org"');
    expect(outcome.out).toContain('report_stats: true');
    expect(outcome.out).toContain('macaroon_secret_key: "');
  });

  it('makes keys', async () => {
    const outcome = await runHere(['generate_signing_key', '-o', at('key')]);
    expect(outcome.code).toBe(0);
    expect(readFileSync(join(folder, 'key'), 'utf8')).toMatch(/^ed25519 a_\w{4} \S{43}\n$/);
  });
});

describe('hash_password', () => {
  it('hashes as Synapse does: normalized, with the pepper, cut at 72 bytes', async () => {
    writeFileSync(join(folder, 'h.yaml'), 'bcrypt_rounds: 4\npassword_config: {pepper: salty}');
    const outcome = await runHere(['hash_password', '-c', at('h.yaml'), '-p', 'pa\u0308ssword\u212B']);
    expect(outcome.out).toMatch(/^\$2b\$04\$/);
    expect(await verify('p\u00e4ssword\u00c5salty', outcome.out.trim())).toBe(true);
  });

  it('reads the password from the standard input, and takes the rounds from -r', async () => {
    const outcome = await runCli(folder, ['hash_password', '-r', '5'], { input: 'secret\n' });
    expect(outcome.out).toMatch(/^\$2b\$05\$/);
    expect(await verify('secret', outcome.out.trim())).toBe(true);
  });

  it.each([[['-r', '3', '-p', 'x']], [['-p', '']]])('refuses %j', async (args) => {
    expect((await runHere(['hash_password', ...args])).code).toBe(2);
  });
});

describe('register_new_matrix_user', () => {
  let server: Server;
  let url: string;
  let registered: Record<string, unknown>[];
  let answer: { status: number; body: unknown };

  beforeEach(async () => {
    registered = [];
    answer = { status: 200, body: { user_id: '@ann:example.org' } };
    server = createServer((request, response) => void serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    expect(request.url).toBe('/_synapse/admin/v1/register');
    if (request.method === 'GET') return void response.end('{"nonce":"once"}');
    let text = '';
    for await (const chunk of request) text += String(chunk);
    registered.push(JSON.parse(text) as Record<string, unknown>);
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  }

  const mac = (...parts: string[]) => createHmac('sha1', 'shared').update(parts.join('\0')).digest('hex');

  it('proves that it knows the secret', async () => {
    const outcome = await runCli(folder, [
      'register_new_matrix_user',
      '-u',
      'ann',
      '-p',
      'pass',
      '-a',
      '-k',
      'shared',
      url,
    ]);
    expect(outcome).toMatchObject({ code: 0, out: 'Success! @ann:example.org is there.\n' });
    expect(registered).toEqual([
      { nonce: 'once', username: 'ann', password: 'pass', admin: true, mac: mac('once', 'ann', 'pass', 'admin') },
    ]);
  });

  it('takes secret and address from the configuration, and the password from a file', async () => {
    const port = new URL(url).port;
    writeFileSync(join(folder, 'secret'), 'shared\n');
    writeFileSync(join(folder, 'password'), 'pass\n');
    writeFileSync(
      join(folder, 'h.yaml'),
      `registration_shared_secret_path: ${at('secret')}\nlisteners: [{type: metrics, port: 1}, {type: http, port: ${port}, bind_addresses: ['127.0.0.1'], resources: [{names: [client]}]}]`,
    );
    const args = ['-u', 'bot', '--password-file', at('password'), '-t', 'bot', '--no-admin', '-c', at('h.yaml')];
    expect((await runHere(['register_new_matrix_user', ...args])).code).toBe(0);
    expect(registered).toEqual([
      {
        nonce: 'once',
        username: 'bot',
        password: 'pass',
        admin: false,
        user_type: 'bot',
        mac: mac('once', 'bot', 'pass', 'notadmin', 'bot'),
      },
    ]);
  });

  it.each([
    [[], { code: 1, err: 'myelin: the server refused: User ID already taken. (400 M_USER_IN_USE)\n' }],
    [['--exists-ok'], { code: 0, out: 'User already exists. Skipping.\n' }],
  ])('with a name that is taken: %j', async (more, expected) => {
    answer = { status: 400, body: { errcode: 'M_USER_IN_USE', error: 'User ID already taken.' } };
    const args = ['register_new_matrix_user', '-u', 'ann', '-p', 'pass', '--no-admin', '-k', 'shared', ...more, url];
    expect(await runHere(args)).toMatchObject(expected);
  });

  it.each([
    [['-u', 'a', '-p', 'b', '-a', '-k', 'x', '-c', 'y'], 2],
    [['-u', 'a', '-p', 'b', '-a', '-c', 'none.yaml'], 3],
    [['-u', 'a', '-p', '', '-a', '-k', 'x'], 2],
    [['-u', 'a', '-p', 'b', '-a', '-k', 'x', 'http://127.0.0.1:9'], 1],
  ])('%j ends with %d', async (args, code) => {
    const outcome = await runHere(['register_new_matrix_user', ...args]);
    expect(outcome.code).toBe(code);
    expect(outcome.err).not.toMatch(/^\s+at /m);
  });
});
