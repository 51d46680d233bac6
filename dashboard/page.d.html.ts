/** The built page: what is at `/`, and what it loads from `/assets/`. */
export interface PageFiles {
  html: string;
  assets: PageAsset[];
}

export interface PageAsset {
  /** A digest of the content, so that it may be kept forever: `4f2a….js`. */
  name: string;
  type: string;
  body: string;
}

/** What importing page.html gives in bundles (esbuild-plugin.cjs) and in tests. */
declare const files: PageFiles;
export default files;
