/** The choices that serverless.yml asks for, as texts: those of the functions are as their environment has them. */
interface Settings {
  allowedOrigins: string;
  limits: string;
  countOnlyDefined: string;
}

interface Resolver {
  options: { stage?: string };
  resolveVariable: (variable: string) => Promise<string>;
}

declare function settings(resolver: Resolver): Promise<Settings>;
export = settings;
