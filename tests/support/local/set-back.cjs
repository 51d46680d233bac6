// Preloaded into every process of a system whose data are old: for them it is the time that they were left at.
const behind = Date.now() - Number(process.env.MEM_TEST_TIME);
const { now } = Date;
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [now() - behind] : given));
  }
  static now() {
    return now() - behind;
  }
};
