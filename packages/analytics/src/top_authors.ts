import { asset } from '@nx-assets/core';
import { frame, rowsOf } from '@nx-assets/danfo';
import { z } from 'zod';
import { UserActivity } from './user_activity.ts';
import { user_activity_stats } from './user_activity_stats.ts';

export const top_authors = asset({
  description: 'The five users who wrote most.',
  kind: 'danfo',
  deps: { user_activity_stats },
  schema: z.object({ rank: z.int(), ...UserActivity.shape }),
  orderBy: ['rank'],
  async materialize({ user_activity_stats }) {
    // Order and limit are part of the read: the frame holds five rows, however many users there are.
    const top = await frame(user_activity_stats, {
      orderBy: ['-total_posts', '-total_words', 'user_id'],
      limit: 5,
    });
    return rowsOf(top).map((row, index) => ({ rank: index + 1, ...row }));
  },
});
