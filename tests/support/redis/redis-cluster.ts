import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { startChildServer } from '../../../local/child-server.ts';
import { findFreePorts } from '../../../local/free-ports.ts';
import { findSystemProgram } from '../../../local/system-program.ts';
import { waitUntil } from '../wait-until.ts';

/** A Redis in cluster mode with three nodes, a password, and a third of the slots on each. */
export interface RedisCluster {
  /** Of its first node. */
  url: string;
  /** The certificate that its clients have to trust, where it speaks TLS. */
  certificate: string;
  /** Each node by itself. */
  nodes: Redis[];
  stop: () => Promise<void>;
}

const NODES = 3;
const SLOTS = 16_384;
const PASSWORD = 'p@ss/word:1';

const say = (line: string) => process.stderr.write(`${line}\n`);

/**
 * Starts the nodes and joins them.
 * @param tls whether they speak TLS and are known by name, as those of managed services are: the certificate is for
 *   `localhost`, and no address has one
 */
export async function startRedisCluster({ tls }: { tls: boolean }): Promise<RedisCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-cluster-'));
  const program = findSystemProgram('redis', say);
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  if (tls) makeCertificate(certificate, key);

  const ports = await findFreePorts(2 * NODES);
  const servers = await Promise.all(
    ports.slice(0, NODES).map((port, i) =>
      startChildServer({
        root: resolve(),
        name: 'redis',
        port,
        folder: join(folder, `node-${i}`),
        args: [program, ...clusterSettings(ports[NODES + i] ?? 0), ...(tls ? tlsSettings(port, certificate, key) : [])],
        say,
      }),
    ),
  );
  const options = { password: PASSWORD, ...(tls && { tls: { rejectUnauthorized: false } }) };
  const nodes = servers.map(({ port }) => new Redis(port, '127.0.0.1', options));
  await joinNodes(nodes, ports);
  return {
    url: `${tls ? 'rediss' : 'redis'}://:${encodeURIComponent(PASSWORD)}@${tls ? 'localhost' : '127.0.0.1'}:${ports[0]}`,
    certificate,
    nodes,
    async stop() {
      for (const node of nodes) node.disconnect();
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function clusterSettings(busPort: number): string[] {
  return ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--requirepass', PASSWORD];
}

function tlsSettings(port: number, certificate: string, key: string): string[] {
  return [
    ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', '--tls-cluster', 'yes'],
    ...['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate],
    ...['--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname'],
  ];
}

function makeCertificate(certificate: string, key: string): void {
  const what = ['-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
  const where = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate];
  execFileSync(findSystemProgram('openssl', say), ['req', '-x509', ...what, ...where], { stdio: 'ignore' });
}

async function joinNodes(nodes: readonly Redis[], ports: readonly number[]): Promise<void> {
  const [first] = nodes;
  await Promise.all(
    nodes.map(async (node, i) => {
      const begin = Math.ceil((i * SLOTS) / NODES);
      const end = Math.ceil(((i + 1) * SLOTS) / NODES) - 1;
      await node.call('CLUSTER', 'ADDSLOTSRANGE', begin, end);
      if (i > 0) await first?.call('CLUSTER', 'MEET', '127.0.0.1', ports[i] ?? 0, ports[NODES + i] ?? 0);
    }),
  );
  await waitUntil('the cluster', async () => {
    const states = await Promise.all(nodes.map(async (node) => String(await node.call('CLUSTER', 'INFO'))));
    return states.every(
      (state) => state.includes('cluster_state:ok') && state.includes(`cluster_known_nodes:${NODES}`),
    );
  });
}
