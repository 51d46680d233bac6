import type { BuildOptions, BuildResult } from 'esbuild';

export const settings: BuildOptions;
export function bundle(entry: string, outfile: string, options?: BuildOptions): BuildResult<{ write: false }>;
