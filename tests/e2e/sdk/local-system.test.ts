// One start of the system serves all of these: each test has a namespace of its own.
import { describe } from '@jest/globals';
import { useBackend } from '../../support/sdk/backend.ts';
import { usePages } from '../../support/sdk/pages.ts';
import { describePages } from './pages.ts';
import { describeExpress } from './express.ts';
import { describeOpenFeature } from './openfeature.ts';
import { describePackage } from './package.ts';
import { describeVisitors } from './visitors.ts';

const backend = useBackend();

describe('the SDK in Chromium', () => {
  const pages = usePages(backend);
  describePages(pages, backend);
  describeVisitors(pages);
});
describeExpress(backend);
describeOpenFeature(backend);
describePackage(backend);
