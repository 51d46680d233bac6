// The choices that serverless.yml cannot make by itself: it asks for ${file(./deploy/settings.cjs):…}.
// They come from mem.config.json beside serverless.yml, where there is one.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const Ajv = require('ajv');

const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    trackPaths: {
      description: 'More paths that track, beside /track: some ad-blockers match "track"',
      type: 'array',
      items: { type: 'string', pattern: '^(/[A-Za-z0-9_.-]+)+$' },
      uniqueItems: true,
    },
    redisUrlParameter: {
      description: 'Name of the SSM parameter (SecureString) that holds the URL of Redis',
      type: 'string',
      pattern: '^/[A-Za-z0-9_./-]+$',
    },
  },
};

const OWN_PATHS = [
  ...['/track', '/events', '/experiments', '/experiment', '/delete', '/health'],
  ...['/v1/experiments', '/v1/experiment', '/v1/series', '/assets', '/'],
];

/** Reads mem.config.json of a folder. Throws an Error that says what was expected. */
function readSettings(folder) {
  const path = join(folder, 'mem.config.json');
  const given = existsSync(path) ? parse(path) : {};
  const ajv = new Ajv({ allErrors: true });
  if (!ajv.validate(schema, given)) throw new Error(`mem.config.json: ${ajv.errorsText(ajv.errors, { dataVar: '' })}`);
  const trackPaths = given.trackPaths ?? [];
  refuseSimilarPaths(trackPaths);
  return { trackPaths, redisUrlParameter: given.redisUrlParameter };
}

function parse(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`mem.config.json: expected JSON: ${error.message}`);
  }
}

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
  const settings = readSettings(join(__dirname, '..'));
  return {
    ingestEvents: ingestEvents(settings.trackPaths),
    redisUrlParameter: settings.redisUrlParameter ?? `/mem/${stage}/redis-url`,
  };
};
module.exports.readSettings = readSettings;
