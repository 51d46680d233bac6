import fc from 'fast-check';

/** Where generated input begins: the same in every run, so that a run can be repeated. Others: MEM_TEST_SEED=7. */
fc.configureGlobal({ seed: Number(process.env.MEM_TEST_SEED ?? '1') });

export default fc;
