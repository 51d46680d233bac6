// `npm start`: `serverless offline start`, without the four lines that it prints for each request.
process.env.SLS_LOG_LEVEL ??= 'warning';
process.argv.splice(2, 0, 'offline', 'start');
await import('serverless/bin/serverless.js');
