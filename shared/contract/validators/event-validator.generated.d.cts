import type { ErrorObject } from 'ajv';
import type { TrackedEvent } from '../event.ts';

declare function validate(data: unknown): data is TrackedEvent;
declare namespace validate {
  let errors: ErrorObject[] | null | undefined;
}
export = validate;
