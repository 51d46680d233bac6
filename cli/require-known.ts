import type { ExperimentAnswer } from '../shared/contract/answers.ts';

/** @throws Error where neither an event nor a person has ever named an experiment: its name is a slip, more likely than not */
export function requireKnown({ name, namespace, data, definition }: ExperimentAnswer): void {
  if (data !== 'no data' || definition !== null) return;
  throw new Error(
    `nothing is known of ${JSON.stringify(name)} in the namespace ${JSON.stringify(namespace)}: mem experiments lists what is, mem quarantine what was refused`,
  );
}
