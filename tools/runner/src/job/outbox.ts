import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DefinitionKey, Json, Message } from '@nx-assets/core';
import { absolute, outboxPath, writeAtomic } from '@nx-assets/storage/records';

/** A message that somebody is still to get. It is on disk before it is sent, so that a crash loses none. */
export interface KeptMessage extends Message {
  /** Who sends it. Addresses and secrets are not here: the definition knows them. */
  readonly job: DefinitionKey;
  readonly messenger: string;
  readonly createdAt: string;
}

/** Who nobody could reach for so long does not wait for it any more. Milliseconds. */
const OLDEST = 7 * 24 * 3_600_000;

export function keepMessage(
  root: string,
  message: { readonly job: DefinitionKey; readonly messenger: string; readonly body: Json },
  now: Date,
): KeptMessage {
  const kept = { id: `msg_${randomUUID().replaceAll('-', '')}`, createdAt: now.toISOString(), ...message };
  writeAtomic(absolute(root, outboxPath(kept.id)), `${JSON.stringify(kept, null, 2)}\n`);
  return kept;
}

export const forgetMessage = (root: string, id: string): void =>
  rmSync(absolute(root, outboxPath(id)), { force: true });

export const isKept = (root: string, id: string): boolean => existsSync(absolute(root, outboxPath(id)));

/** The oldest first. Those that are too old are removed. */
export function keptMessages(root: string, now: Date): KeptMessage[] {
  const messages = names(root).flatMap((name) => read(root, name.replace(/\.json$/, '')) ?? []);
  const isOld = ({ createdAt }: KeptMessage) => now.getTime() - Date.parse(createdAt) > OLDEST;
  for (const { id } of messages.filter(isOld)) forgetMessage(root, id);
  return messages.filter((message) => !isOld(message)).sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

function names(root: string): string[] {
  try {
    const folder = dirname(absolute(root, outboxPath('any')));
    return readdirSync(folder).filter((name) => /^msg_\w+\.json$/.test(name));
  } catch {
    return []; // nothing was ever kept
  }
}

function read(root: string, id: string): KeptMessage | null {
  try {
    return JSON.parse(readFileSync(absolute(root, outboxPath(id)), 'utf8')) as KeptMessage;
  } catch {
    return null; // another process has just sent it
  }
}
