import type { Resource, Template } from './packaged.ts';

export const FUNCTIONS = ['Ingest', 'Consumer', 'Recover', 'Archive', 'Report', 'Config', 'Operate'] as const;

export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: unknown;
  Condition?: unknown;
}

interface Policy {
  PolicyDocument: { Statement: Statement[] };
}

/** @throws Error where the template has none of that name */
export function resourceOf({ Resources }: Template, name: string): Resource {
  const resource = Resources[name];
  if (!resource) throw new Error(`there is no ${name}`);
  return resource;
}

/** Logical name -> resource. */
export function ofType({ Resources }: Template, type: string): Record<string, Resource> {
  return Object.fromEntries(Object.entries(Resources).filter(([, { Type }]) => Type === type));
}

export function environmentOf(template: Template, name: (typeof FUNCTIONS)[number]): Record<string, unknown> {
  const { Environment } = resourceOf(template, `${name}LambdaFunction`).Properties;
  return (Environment as { Variables: Record<string, unknown> }).Variables;
}

/** What a role may do: by its own policies, by those of the template that it refers to, and by those that refer to it. */
export function statementsOf(template: Template, role: string): Statement[] {
  const { Policies, ManagedPolicyArns = [] } = resourceOf(template, role).Properties;
  const managed = (ManagedPolicyArns as { Ref: string }[]).map(({ Ref }) => resourceOf(template, Ref).Properties);
  const attached = Object.values(ofType(template, 'AWS::IAM::Policy'))
    .map(({ Properties }) => Properties as unknown as Policy & { Roles: { Ref: string }[] })
    .filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role));
  const policies = [...(Policies as Policy[]), ...(managed as unknown as Policy[]), ...attached];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** `GET /track`, sorted. */
export function routesOf(template: Template): string[] {
  return Object.values(ofType(template, 'AWS::ApiGatewayV2::Route'))
    .map(({ Properties }) => String(Properties.RouteKey))
    .sort();
}

/** References to what is neither a resource, a parameter nor a condition of the template, nor AWS' own. */
export function danglingReferences({ Resources, Parameters = {}, Conditions = {}, Outputs }: Template): string[] {
  const known = new Set([Resources, Parameters, Conditions].flatMap(Object.keys));
  return referencesIn([Resources, Outputs]).filter((name) => !known.has(name) && !name.startsWith('AWS::'));
}

/** Every logical name in Ref, Fn::GetAtt, Fn::Sub, Fn::If and DependsOn. */
export function referencesIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(referencesIn);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    switch (key) {
      case 'Ref':
        return [String(value)];
      case 'Fn::GetAtt':
        return [String((value as unknown[])[0])];
      case 'Fn::Sub': {
        const [text, variables = {}] = [value].flat() as [string, object?];
        const names = [...text.matchAll(/\$\{([^.}]+)[^}]*\}/g)].map(([, name]) => name ?? '');
        return [...names.filter((name) => !(name in variables)), ...referencesIn(variables)];
      }
      case 'Fn::If': {
        const [condition, ...choices] = value as unknown[];
        return [String(condition), ...referencesIn(choices)];
      }
      case 'DependsOn':
        return [value].flat().map(String);
      default:
        return referencesIn(value);
    }
  });
}
