import type { ErrorObject } from 'ajv';
import type { StreamEvent } from '../event.ts';

declare function validate(data: unknown): data is StreamEvent;
declare namespace validate {
  let errors: ErrorObject[] | null | undefined;
}
export = validate;
