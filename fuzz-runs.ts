/** Runs before each test file: the variable FUZZ_RUNS says how often a property is tried that takes its word. */
const { FUZZ_RUNS } = process.env;
if (FUZZ_RUNS) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ numRuns: Number(FUZZ_RUNS) });
}
