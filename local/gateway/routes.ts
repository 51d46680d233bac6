import type { Service } from '../service.ts';

export interface Route {
  method: string;
  /** `/v1/experiments/{name+}` */
  path: string;
  /** The function that answers, by its name in serverless.yml. */
  functionName: string;
}

export interface MatchedRoute extends Route {
  /** By name, decoded. */
  parameters: Record<string, string>;
}

/** The routes of the HTTP API, as serverless.yml lists them under its functions. */
export function routesOf({ functions }: Service): Route[] {
  return Object.entries(functions).flatMap(([functionName, { events = [] }]) =>
    events.flatMap(({ httpApi }) => {
      if (httpApi === undefined) return [];
      const [method = '', path = ''] =
        typeof httpApi === 'string' ? httpApi.split(' ') : [httpApi.method, httpApi.path];
      return [{ method: method.toUpperCase(), path, functionName }];
    }),
  );
}

/**
 * Finds routes as an HTTP API does: the whole path, nothing left over, a slash at the end being part of it; a route with
 * fewer placeholders before one with more, and one that takes the rest of the path last.
 * @returns a search by method and decoded path
 */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => MatchedRoute | undefined {
  const patterns = routes
    .map((route) => ({ route, pattern: patternOf(route.path) }))
    .sort((a, b) => vaguenessOf(a.route.path) - vaguenessOf(b.route.path));
  return (method, path) => {
    for (const { route, pattern } of patterns) {
      const match = route.method === method || route.method === 'ANY' ? pattern.exec(path) : null;
      if (match) return { ...route, parameters: { ...match.groups } };
    }
    return undefined;
  };
}

function patternOf(path: string): RegExp {
  const pattern = path
    .split(/(\{\w+\+?\})/)
    .map((part) => {
      const [, name, greedy] = /^\{(\w+)(\+?)\}$/.exec(part) ?? [];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return greedy ? `(?<${name}>[^]+)` : `(?<${name}>[^/]+)`;
    })
    .join('');
  return new RegExp(`^${pattern}$`);
}

function vaguenessOf(path: string): number {
  return path.split('{').length + (path.includes('+}') ? 100 : 0);
}
