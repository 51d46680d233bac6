/** An error that no retry can mend: the input, the configuration or the stored data is wrong. */
export class PermanentError extends Error {
  override name = 'PermanentError';
}

/** The stream did not acknowledge every event in time. The client may send them again. */
export class StreamUnavailable extends Error {
  override name = 'StreamUnavailable';
}

/** A stream record that does not hold events in a form that any version of Mem wrote. */
export class InvalidRecord extends PermanentError {
  override name = 'InvalidRecord';
}

/** A stream record of a version that this release does not know: a newer one may have written it. */
export class NewerRecord extends InvalidRecord {
  override name = 'NewerRecord';

  constructor(
    readonly version: number,
    newest: number,
  ) {
    super(`expected a record of version 1 to ${newest}, got ${version}`);
  }
}

/** A request that cannot be answered as it was asked; `status` is the HTTP status that says so. */
export class RequestError extends PermanentError {
  override name = 'RequestError';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 412 | 413 | 415 | 503,
    readonly code: string,
    message: string,
    /** Each fault of a body that has several. */
    readonly faults: readonly { path: string; message: string }[] = [],
  ) {
    super(message);
  }
}

/** What an unknown thrown thing says, for logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
