import { compileValidator, MatrixError, type Endpoint, type Validator } from '@myelin/api';

/** Checks that a request's parts have the shape that the endpoint states. Query values are converted in place. */
export interface EndpointValidator {
  params(value: unknown): void;
  query(value: unknown): void;
  body(value: unknown): void;
}

export function endpointValidator(endpoint: Endpoint): EndpointValidator {
  const params = textValidator(endpoint.params);
  const query = textValidator(endpoint.query);
  const body = endpoint.body && endpoint.body !== 'bytes' ? compileValidator(endpoint.body) : undefined;
  return {
    params(value) {
      const problem = params(value);
      if (problem) throw new MatrixError('M_INVALID_PARAM', problem.message);
    },
    query(value) {
      const problem = query(value);
      if (problem) throw new MatrixError(problem.missing ? 'M_MISSING_PARAM' : 'M_INVALID_PARAM', problem.message);
    },
    body(value) {
      const problem = body?.(value);
      // A member that lacks something is there, but wrong.
      const isMissing = problem?.missing && !problem.member.includes('.');
      if (problem) throw new MatrixError(isMissing ? 'M_MISSING_PARAM' : 'M_BAD_JSON', problem.message);
    },
  };
}

/** For an object of texts. Many endpoints ask nothing of it: then there is nothing to compile. */
function textValidator(schema: Endpoint['params']): Validator {
  return Object.keys(schema.properties).length === 0 ? () => undefined : compileValidator(schema, { coerce: true });
}
