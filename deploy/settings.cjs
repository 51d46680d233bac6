// The choices that serverless.yml cannot make by itself: it asks for ${file(./deploy/settings.cjs):…}.
const { join } = require('node:path');
const { readConfig } = require('./config.cjs');

const OWN_PATHS = [
  ...['/track', '/events', '/experiments', '/experiment', '/delete', '/health'],
  ...['/v1/experiments', '/v1/experiment', '/v1/series', '/assets', '/'],
];

/** Serverless names routes by their letters and digits alone: of /a_b and /ab, one would vanish without a word. */
function refuseSimilarPaths(trackPaths) {
  const seen = new Map(OWN_PATHS.map((path) => [lettersOf(path), path]));
  for (const path of trackPaths) {
    const other = seen.get(lettersOf(path));
    if (other) throw new Error(`mem.config.json: trackPaths: ${path} is too like ${other}; choose another path`);
    seen.set(lettersOf(path), path);
  }
}

function lettersOf(path) {
  return path.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/** HTTP routes of the ingest function. Preflight questions to any path are answered there, too. */
function ingestEvents(trackPaths) {
  const tracking = ['/track', '/events', ...trackPaths].flatMap((path) => [
    ...(path === '/events' ? [] : [{ httpApi: { method: 'GET', path } }]),
    { httpApi: { method: 'POST', path } },
  ]);
  return [...tracking, { httpApi: { method: 'OPTIONS', path: '/{proxy+}' } }];
}

module.exports = async ({ options, resolveVariable }) => {
  const stage = options.stage ?? (await resolveVariable('sls:stage'));
  const settings = readConfig(join(__dirname, '..'));
  const trackPaths = settings.trackPaths ?? [];
  refuseSimilarPaths(trackPaths);
  return {
    ingestEvents: ingestEvents(trackPaths),
    // As the functions' environment has them.
    allowedOrigins: (settings.allowedOrigins ?? []).join(','),
    limits: JSON.stringify(settings.limits ?? {}),
    countOnlyDefined: String(settings.countOnlyDefined ?? false),
    redisUrlParameter: settings.redisUrlParameter ?? `/mem/${stage}/redis-url`,
  };
};
