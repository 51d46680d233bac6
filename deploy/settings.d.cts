/** The choices that serverless.yml asks for. Those of the functions are texts, as their environment has them. */
interface Settings {
  allowedOrigins: string;
  countCrawlers: string;
  eventLimits: string;
  signedOnly: string;
  signingSecretParameter: string;
  limits: string;
  countOnlyDefined: string;
  recordVersion: string;
  batchWindowSeconds: number;
}

interface Resolver {
  options: { stage?: string };
  resolveVariable: (variable: string) => Promise<string>;
}

declare function settings(resolver: Resolver): Promise<Settings>;
export = settings;
