// The metrics that alarms and the dashboard ask for, by name: what AWS measures, and what our functions write.

const of = (Namespace, dimensions) => (MetricName) => ({
  Namespace,
  MetricName,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

/** @param {'Ingest' | 'Consumer' | 'Recover' | 'Archive' | 'Report'} name */
const ofFunction = (name) => of('AWS/Lambda', { FunctionName: `\${${name}LambdaFunction}` });

/** As shared/runtime/metrics.ts writes them. @param {'ingest' | 'consumer' | 'archive'} service */
const ofMem = (service) => of('Mem', { service: `mem-${service}`, stage: '${sls:stage}' });

const ofApi = of('AWS/ApiGateway', { ApiId: '${HttpApi}' });
const ofStream = of('AWS/Kinesis', { StreamName: '${EventStream}' });
const ofClaims = of('AWS/DynamoDB', { TableName: '${ClaimsTable}' });
const ofCache = of('AWS/ElastiCache', { clusterId: '${RedisCache}' });

/** The names of resources in the dimensions become references. */
function withReferences({ Dimensions, ...metric }) {
  const refer = (Value) => (/^\$\{[A-Za-z]+\}$/.test(Value) ? { Ref: Value.slice(2, -1) } : Value);
  return { ...metric, Dimensions: Dimensions.map(({ Name, Value }) => ({ Name, Value: refer(Value) })) };
}

module.exports = { ofFunction, ofMem, ofApi, ofStream, ofClaims, ofCache, withReferences };
