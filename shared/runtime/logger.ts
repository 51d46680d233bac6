import { Logger } from '@aws-lambda-powertools/logger';

/** Lines of JSON, as CloudWatch Logs Insights reads them; LOG_LEVEL sets how many. */
export function createLogger(service: 'ingest' | 'consumer' | 'report' | 'config' | 'archive'): Logger {
  return new Logger({ serviceName: `mem-${service}` });
}
