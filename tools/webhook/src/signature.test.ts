import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { sign, verify } from './index.ts';

const now = new Date('2026-01-01T00:00:00Z');
const timestamp = now.getTime() / 1000;
const text = fc.string({ minLength: 1, unit: 'grapheme' });
const id = fc.stringMatching(/^msg_[a-z0-9]{1,20}$/);

test('what is signed verifies, and with another body, secret, id or time it does not', () => {
  fc.assert(
    fc.property(id, text, text, text, (id, body, secret, other) => {
      const headers = { ...sign({ id, timestamp, body, secret }) };
      expect(verify(body, headers, { secret, now })).toEqual({ ok: true, id, sentAt: now });
      const wrong = { ok: false, reason: 'signature-wrong' };
      expect(verify(`${body}${other}`, headers, { secret, now })).toEqual(wrong);
      expect(verify(body, headers, { secret: `${other}${secret}`, now })).toEqual(wrong);
      expect(verify(body, { ...headers, 'webhook-id': `${id}x` }, { secret, now })).toEqual(wrong);
      const later = { ...headers, 'webhook-timestamp': String(timestamp + 1) };
      expect(verify(body, later, { secret, now })).toEqual(wrong);
    }),
  );
});

test('the signature is that of the library of the standard', () => {
  fc.assert(
    fc.property(id, text, fc.uint8Array({ minLength: 24, maxLength: 64 }), (id, body, key) => {
      const secret = `whsec_${Buffer.from(key).toString('base64')}`;
      const { 'webhook-signature': ours } = sign({ id, timestamp, body, secret });
      expect(ours).toBe(new Webhook(secret).sign(id, now, body));
    }),
  );
});

test('an old message may be a repetition by somebody else', () => {
  const headers = { ...sign({ id: 'm', timestamp, body: '{}', secret: 's' }) };
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  expect(verify('{}', headers, { secret: 's', now: after(300) }).ok).toBe(true);
  const late = { ok: false, reason: 'time-too-far' };
  expect(verify('{}', headers, { secret: 's', now: after(301) })).toEqual(late);
  expect(verify('{}', headers, { secret: 's', now: after(-301) })).toEqual(late);
});

test('without its headers it is from anybody; one of several signatures is enough', () => {
  const signed = { ...sign({ id: 'm', timestamp, body: '{}', secret: 'new' }) };
  const missing = { ok: false, reason: 'headers-missing' };
  for (const name of Object.keys(signed)) {
    expect(verify('{}', { ...signed, [name]: undefined }, { secret: 'new', now })).toEqual(missing);
  }
  const both = { ...signed, 'webhook-signature': `v1,AAAA ${signed['webhook-signature']}` };
  expect(verify('{}', new Headers(both), { secret: 'new', now }).ok).toBe(true);
});
