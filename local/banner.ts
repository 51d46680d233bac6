import type { Servers } from './servers.ts';

interface BannerFacts {
  httpPort: number;
  apiKey: string;
  folder: string;
  servers: Servers;
}

/** What `npm start` says once everything is up: where it is, and two lines to try. */
export function banner({ httpPort, apiKey, folder, servers }: BannerFacts): string {
  const base = `http://127.0.0.1:${httpPort}`;
  return `
  Mem is up.

    events     ${base}/track   ${base}/events
    page       ${base}/   (key: ${apiKey})
    reports    ${base}/experiments   (x-api-key: ${apiKey})
    stores     redis ${address(servers.redisUrl)}   kinesis ${address(servers.kinesisEndpoint)}   dynamodb ${address(servers.dynamodbEndpoint)}
    data       ${folder}

  Count something, and look at it:

    curl '${base}/track?experiment=button&variant=blue&event=participate&uuid='$RANDOM
    curl -H 'x-api-key: ${apiKey}' ${base}/experiments

  Ctrl-C stops it; what was counted stays.  npm start -- --fresh begins empty.

`;
}

function address(url: string): string {
  return new URL(url).host;
}
