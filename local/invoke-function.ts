import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';

/**
 * Runs a function through serverless offline's Lambda endpoint.
 * @throws Error where the function did not answer as one that reports failures does
 */
export async function invokeFunction(
  endpoint: string,
  name: string,
  event: KinesisStreamEvent,
): Promise<KinesisStreamBatchResponse> {
  const response = await fetch(`${endpoint}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  if (response.ok && isBatchResponse(answer)) return answer;
  throw new Error(`${name} answered ${response.status}: ${text.slice(0, 300)}`);
}

function isBatchResponse(answer: unknown): answer is KinesisStreamBatchResponse {
  return typeof answer === 'object' && answer !== null && 'batchItemFailures' in answer;
}
