// A whole system takes seconds to start, and fifty schedules take seconds to run: on a busy machine many.
const { PATIENCE } = require('../wait-until.ts');

jest.setTimeout(300_000 * PATIENCE);
