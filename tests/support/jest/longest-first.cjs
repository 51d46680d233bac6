// On a fresh machine nobody knows how long a file takes, and jest begins with the largest: a short file with a long test
// would be begun last, and all wait for it.
const Sequencer = require('@jest/test-sequencer').default;

/** What takes minutes, then what takes seconds; the rest is in no hurry. */
const LONGEST = ['e2e/sdk', 'e2e/cli/local', 'e2e/dashboard', 'e2e/crashes', 'chaos/', 'e2e/', 'store/', 'deploy/'];

const rank = ({ path }) => {
  const index = LONGEST.findIndex((part) => path.includes(`/tests/${part}`));
  return index < 0 ? LONGEST.length : index;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
};
