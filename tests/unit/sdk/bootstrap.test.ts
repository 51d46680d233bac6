import { describe, expect, test } from '@jest/globals';
import { defineExperiment } from '../../../sdk/src/experiment/definition.ts';
import { renderBootstrap } from '../../../sdk/src/node/create-experiments.ts';
import { recordExperiments } from '../../support/sdk/experiments.ts';

const hostile = '</script><script>alert(1)</script><!--';
const experiment = defineExperiment({ name: hostile, variants: { control: () => 1, red: () => 2 } });

describe('what the server has decided', () => {
  test('reaches the page as data', async () => {
    const visit = recordExperiments().for(experiment, { userId: 7 });
    const element = await renderBootstrap([visit]);
    const [, json = ''] = /^<script type="application\/json" id="mem-bootstrap">(.*)<\/script>$/.exec(element) ?? [];

    expect(JSON.parse(json)).toEqual({ [hostile]: await visit.assign() });
  });

  test('cannot end its element, whatever its names are', async () => {
    const element = await renderBootstrap([recordExperiments().for(experiment, { userId: 7 })]);

    expect(element.match(/</g)).toHaveLength(2);
  });

  test('counts nothing', async () => {
    const { for: visit, events } = recordExperiments();
    await renderBootstrap([visit(experiment, { userId: 7 })]);

    expect(events).toEqual([]);
  });
});
