// One start of the system serves all of these: each test has a namespace of its own.
import { useBackend } from '../../support/sdk/backend.ts';
import { describeBrowser } from './browser.ts';
import { describeExpress } from './express.ts';
import { describeOpenFeature } from './openfeature.ts';
import { describePackage } from './package.ts';

const backend = useBackend();

describeBrowser(backend);
describeExpress(backend);
describeOpenFeature(backend);
describePackage(backend);
