// mem.config.json and the environment, read in one way by serverless.yml, `npm start` and the command `mem`.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const schema = require('./config-schema.json');

const FILE_NAME = 'mem.config.json';

/**
 * The environment variable of a setting: MEM_TRACK_PATHS for trackPaths.
 * @param {string} setting
 */
function variableOf(setting) {
  return `MEM_${setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Reads the settings of a folder. Environment variables win; texts and numbers are written there plainly, lists with
 * commas, everything else as JSON.
 * @throws Error that names every fault, with what was expected
 */
function readConfig(folder, environment = process.env) {
  const config = { ...readFile(folder), ...readEnvironment(environment) };
  checkConfig(config);
  return config;
}

/** @throws Error that names every fault, with what was expected */
function checkConfig(config) {
  const Ajv = require('ajv'); // takes a tenth of a second to load, and many a command has nothing to check
  const ajv = new Ajv({ allErrors: true, verbose: true });
  if (!ajv.validate(schema, config)) throw new Error(`${FILE_NAME}: ${ajv.errors.map(faultOf).join('; ')}.`);
  if (config.redisUrl && config.redisUrlParameter) {
    throw new Error(`${FILE_NAME}: expected redisUrl or redisUrlParameter, got both.`);
  }
  refuseSimilarPaths(config.trackPaths ?? []);
  const [retention, window] = [config.retentionHours ?? 168, config.claimWindowDays ?? 30];
  if (window * 24 < retention) {
    throw new Error(
      `${FILE_NAME}: claimWindowDays: expected at least retentionHours (${retention} hours), got ${window} days.`,
    );
  }
  const { least, most } = config.claimsCapacity ?? { least: 0, most: 0 };
  if (least > most) {
    throw new Error(`${FILE_NAME}: claimsCapacity: expected least not above most (${most}), got ${least}.`);
  }
}

const OWN_PATHS = [
  ...['/track', '/events', '/experiments', '/experiment', '/delete', '/health'],
  ...['/v1/experiments', '/v1/experiment', '/v1/series', '/assets', '/'],
];

/** Below these everything is ours: a path there would answer in the place of a report. */
const OWN_FOLDERS = ['/v1/', '/assets/'];

/** Serverless names routes by their letters and digits alone: of /a_b and /ab, one would vanish without a word. */
function refuseSimilarPaths(trackPaths) {
  const seen = new Map(OWN_PATHS.map((path) => [lettersOf(path), path]));
  for (const path of trackPaths) {
    const other = seen.get(lettersOf(path)) ?? OWN_FOLDERS.find((folder) => path.toLowerCase().startsWith(folder));
    if (other) throw new Error(`${FILE_NAME}: trackPaths: ${path} is too like ${other}; choose another path.`);
    seen.set(lettersOf(path), path);
  }
}

function lettersOf(path) {
  return path.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/** Settings of earlier versions, and what came in their place. */
const REPLACED = {
  archive:
    'the event log has taken its place, which is kept unless eventLog is false. Take it away (mem configure --unset archive); the bucket with what was archived stays',
};

/** What was expected, and what came; the URL of Redis may hold a password, and is not repeated. */
function faultOf({ instancePath, keyword, message, params, parentSchema, data }) {
  const { additionalProperty, missingProperty } = params;
  const where = [instancePath.slice(1).replaceAll('/', '.'), additionalProperty ?? missingProperty]
    .filter(Boolean)
    .join('.');
  if (additionalProperty in REPLACED && instancePath === '')
    return `${where} is not a setting any more: ${REPLACED[where]}`;
  if (additionalProperty !== undefined) return `${where} is not a setting`;
  if (missingProperty !== undefined) return `${where} is missing`;
  const expected =
    keyword === 'pattern' ? `something such as ${parentSchema.examples[0]}` : message.replace(/^must (be )?/, '');
  return `${where}: expected ${expected}${where === 'redisUrl' ? '' : `, got ${JSON.stringify(data)}`}`;
}

/** What the file holds, right or not; nothing where there is none. */
function readFile(folder) {
  const path = join(folder, FILE_NAME);
  if (!existsSync(path)) return {};
  const file = parseFile(readFileSync(path, 'utf8'));
  if (typeof file === 'object' && file !== null && !Array.isArray(file)) return file;
  throw new Error(`${FILE_NAME}: expected an object such as {"region":"eu-central-1"}, got ${JSON.stringify(file)}.`);
}

function parseFile(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${FILE_NAME}: expected JSON: ${error.message}.`);
  }
}

/** The settings of an environment, right or not. */
function readEnvironment(environment) {
  const given = {};
  for (const [setting, { type }] of Object.entries(schema.properties)) {
    const text = environment[variableOf(setting)];
    if (text !== undefined && text !== '') given[setting] = readText(text, type, variableOf(setting));
  }
  return given;
}

function readText(text, type, variable) {
  if (type === 'string') return text;
  if (type === 'array') return text.split(',').map((part) => part.trim());
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${variable}: expected ${type} as JSON, got ${JSON.stringify(text)}.`);
  }
}

module.exports = { FILE_NAME, schema, variableOf, readConfig, readFile, readEnvironment, checkConfig };
