// For pages. In dist/esm this file is bundled with short names of properties that servers' modules do not know, which
// therefore import what is behind it.
export { rememberIn } from './experiment/remember-in.ts';
