import type { ErrorObject } from 'ajv';
import type { Definition } from '../definition.ts';

declare function validate(data: unknown): data is Definition;
declare namespace validate {
  let errors: ErrorObject[] | null | undefined;
}
export = validate;
