/** An experiment's definition contradicts itself. Thrown where it is defined, so that it is seen while developing. */
export class InvalidDefinitionError extends Error {
  override get name() {
    return 'InvalidDefinitionError';
  }
}

/** A context holds something that no stable key can be made of. */
export class InvalidContextError extends Error {
  override get name() {
    return 'InvalidContextError';
  }
}

/** The chosen variant has no behavior. */
export class BehaviorMissingError extends Error {
  override get name() {
    return 'BehaviorMissingError';
  }
}

/** Two behaviors were given for one variant. */
export class BehaviorNotUniqueError extends Error {
  override get name() {
    return 'BehaviorNotUniqueError';
  }
}

/** A behavior, a context or a variant came after the experiment had run. */
export class AlreadyRunError extends Error {
  override get name() {
    return 'AlreadyRunError';
  }
}

/** Events that will not be counted: `code` says why, in the backend's words, or as `queue_full` or `http_<status>`. */
export class TrackingError extends Error {
  override get name() {
    return 'TrackingError';
  }

  constructor(
    readonly code: string,
    readonly events: readonly object[],
    message = code,
  ) {
    super(message);
  }
}

/** An `onError` that cannot do harm itself. */
export function quietly(report: (error: unknown) => void) {
  return (error: unknown): void => {
    try {
      report(error);
    } catch {
      // There is nobody left to tell.
    }
  };
}
