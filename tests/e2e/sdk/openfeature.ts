import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { OpenFeature } from '@openfeature/server-sdk';
import { defineExperiment } from '../../../sdk/src/experiment/definition.ts';
import { createExperiments } from '../../../sdk/src/node/create-experiments.ts';
import { createProvider } from '../../../sdk/src/openfeature.ts';
import type { Backend } from '../../support/sdk/backend.ts';

export const describeOpenFeature = (backend: Backend): void =>
  describe("OpenFeature's server SDK", () => {
    afterAll(() => OpenFeature.clearProviders());

    test('evaluates and tracks into the system, which counts each visitor once', async () => {
      const namespace = randomUUID();
      const checkout = defineExperiment({ name: 'checkout', variants: { control: () => null, red: () => null } });
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);
      const experiments = createExperiments({ endpoint: backend.endpoint, namespace, onError });
      await OpenFeature.setProviderAndWait(createProvider(experiments, { checkout: { experiment: checkout } }));
      const client = OpenFeature.getClient();

      const shown = new Map<string, number>();
      for (let visitor = 0; visitor < 40; visitor++) {
        const context = { targetingKey: `visitor ${visitor}` };
        const variant = await client.getStringValue('checkout', 'none', context);
        expect(await client.getStringValue('checkout', 'none', context)).toBe(variant);
        client.track('bought', context, { value: 2 });
        shown.set(variant, (shown.get(variant) ?? 0) + 1);
      }
      expect(await experiments.flush()).toBe(0);
      await backend.settle();

      expect([...shown.keys()].sort()).toEqual(['control', 'red']);
      for (const [variant, visitors] of shown) {
        const subject = { namespace, experiment: 'checkout', variant };
        expect(await backend.count({ ...subject, event: 'participate' })).toBe(visitors);
        expect(await backend.count({ ...subject, event: 'bought' })).toBe(visitors);
        expect(await backend.visitors({ ...subject, event: 'bought' })).toEqual({
          exposed: visitors,
          crossedOver: 0,
          converted: visitors,
          times: visitors,
          worth: 2 * visitors,
        });
      }
      expect(errors).toEqual([]);
    });
  });
