/**
 * Runs before each test file. FUZZ_RUNS says how often a property is tried that takes its word. Under CI the seed is
 * fixed, so that one commit always gets one verdict; developers' own runs draw new ones.
 */
const { FUZZ_RUNS, CI } = process.env;
if (FUZZ_RUNS || CI) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...(FUZZ_RUNS && { numRuns: Number(FUZZ_RUNS) }), ...(CI && { seed: 1 }) });
}
export {};
