import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readService } from '../../../local/service.ts';

describe('serverless.yml is read without its framework', () => {
  test('variables lead to files, to other parts, to what a file computes, and stay out of CloudFormation’s', () => {
    const service = read({
      'serverless.yml': `
service: it
custom:
  chosen: \${file(./settings.cjs)}
functions:
  door:
    handler: door.handler
    environment: &shared
      TABLE: !Ref Table
      URL: https://\${self:custom.chosen.host}:\${self:custom.chosen.port}/\${AWS::Region}
      STAGE: \${sls:stage}
    events: \${self:custom.chosen.events}
  other:
    handler: other.handler
    environment: *shared
resources: \${self:custom.chosen.resources}
`,
      'settings.cjs': `module.exports = () => ({
        host: 'here', port: 80, events: [{ httpApi: 'GET /' }],
        resources: ['\${file(./stores.yml)}', { Resources: { Stream: { Properties: { Hours: 7 } } } }],
      });`,
      'stores.yml': `
Resources:
  Stream: { Type: AWS::Kinesis::Stream, Properties: { Hours: 1, Name: !Sub 'a-\${Stage}' } }
  Zone: { Type: Zone, Properties: { Name: !Select [0, !GetAZs ''] } }
`,
    });
    const environment = { TABLE: { Ref: 'Table' }, URL: 'https://here:80/${AWS::Region}', STAGE: 'local' };
    expect(service).toEqual({
      service: 'it',
      functions: {
        door: { handler: 'door.handler', environment, events: [{ httpApi: 'GET /' }] },
        other: { handler: 'other.handler', environment },
      },
      resources: {
        Resources: {
          Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Hours: 7, Name: { 'Fn::Sub': 'a-${Stage}' } } },
          Zone: { Type: 'Zone', Properties: { Name: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] } } },
        },
      },
    });
  });

  test.each([
    ['${self:custom.missing}', 'serverless.yml: there is no custom.missing.'],
    ['${ssm:/a/secret}', 'serverless.yml: ${ssm:/a/secret} is of a kind that npm start does not know'],
  ])('%s is named', (variable, message) => {
    const yml = `service: it\ncustom: {}\nfunctions: { door: { handler: '${variable}' } }\nresources: []\n`;
    expect(() => read({ 'serverless.yml': yml })).toThrow(message);
  });
});

function read(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'mem-service-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return readService(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
