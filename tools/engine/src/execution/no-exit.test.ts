import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';

test('what an author calls cannot end the process, at once or later; anybody else can', async () => {
  // Tests before it in this process may have installed it.
  vi.resetModules();
  const before = process.exit;
  onTestFinished(() => void (process.exit = before));
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const { withoutExit } = await import('./no-exit.ts');
  expect(() => withoutExit('shop/names', () => process.exit(0))).toThrow(
    'PROCESS_ENDED: shop/names called process.exit(0).',
  );
  const later = withoutExit('shop/names', async () => {
    await sleep(1);
    process.exit();
  });
  await expect(later).rejects.toThrow('shop/names called process.exit().');
  expect(exit).not.toHaveBeenCalled();
  process.exit(3);
  expect(exit).toHaveBeenCalledWith(3);
});
