export {
  type Signed,
  sign,
  type SignOptions,
  type Verified,
  verify,
  type VerifyOptions,
} from './signature.ts';
export { webhook, type WebhookOptions } from './webhook.ts';
