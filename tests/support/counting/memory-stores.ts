import { createSamples } from '../../../shared/counting/limits/samples.ts';
import type { ConsumerDeps } from '../../../shared/counting/consume.ts';
import type { Checkpoint } from '../../../shared/counting/ports.ts';
import { compareSequence } from '../../../shared/contract/sequence-number.ts';
import { CLAIM_WINDOW_MS } from './consumer.ts';
import { ownFormats } from './events.ts';
import { admitAll } from './memory-names.ts';

/** The tables of the consumer in memory, with the semantics of the real ones: fast enough for properties. */
export function memoryStores(): Pick<
  ConsumerDeps,
  'claims' | 'checkpoints' | 'quarantine' | 'deletions' | 'formats' | 'generations' | 'samples' | 'noticeGap' | 'admit'
> {
  const claims = new Map<string, { owner: string; windowEnds: number }>();
  const checkpoints = new Map<string, Checkpoint>();
  let generation = 0;
  return {
    claims: {
      claim: (requests) =>
        Promise.resolve(
          requests.map(({ id, owner, at }) => {
            const key = Buffer.from(id).toString('hex');
            const held = claims.get(key);
            if (held && held.owner !== owner && held.windowEnds >= at) return 'duplicate';
            claims.set(key, { owner, windowEnds: at + CLAIM_WINDOW_MS });
            return 'owned';
          }),
        ),
    },
    checkpoints: {
      read: (shards) => Promise.resolve(new Map([...checkpoints].filter(([shard]) => shards.includes(shard)))),
      advance(shard, sequence, first) {
        const before = checkpoints.get(shard);
        if (before === undefined) checkpoints.set(shard, { sequence, first });
        else if (compareSequence(before.sequence, sequence) < 0) checkpoints.set(shard, { ...before, sequence });
        return Promise.resolve();
      },
    },
    noticeGap: () => Promise.resolve(),
    samples: createSamples(Date.now),
    admit: admitAll,
    quarantine: { put: () => Promise.resolve() },
    formats: ownFormats,
    deletions: { read: () => Promise.resolve(new Map()) },
    generations: { next: () => Promise.resolve(`g${(generation += 1)}`) },
  };
}
