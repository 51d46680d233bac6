// A folder that one sees at a glance, a file that one reads in one go: npm run check:folders
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const MOST_FILES = 15;
const MOST_LINES = 400;

/** One component a file: the page of one experiment has many. */
const OF_COMPONENTS = ['dashboard/experiment'];

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));

const counts = new Map();
for (const folder of files.map(dirname)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
for (const [folder, count] of counts) {
  if (count <= MOST_FILES || OF_COMPONENTS.includes(folder)) continue;
  complain(`${folder}: expected at most ${MOST_FILES} files beside each other, found ${count}; give some a folder.`);
}

for (const file of files.filter((path) => /\.(ts|tsx|mjs|cjs|lua)$/.test(path) && !path.includes('.generated.'))) {
  const { length } = readFileSync(file, 'utf8').trimEnd().split('\n');
  if (length > MOST_LINES) complain(`${file}: expected at most ${MOST_LINES} lines, found ${length}; split it.`);
}

function complain(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}
