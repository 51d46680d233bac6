import express from 'express';
// In your own project: from 'mem-ab-sdk/node'.
import { createExperiments, createMemoryStore, defineExperiment, fromExpress } from '../../sdk/src/node.ts';

const checkout = defineExperiment({
  name: 'checkout',
  variants: { control: () => 'Two steps', single: () => 'One step' },
});
const experiments = createExperiments({
  endpoint: process.env.MEM_ENDPOINT ?? 'http://127.0.0.1:3000',
  namespace: 'examples',
  cookie: { secret: process.env.COOKIE_SECRET ?? 'only for this example' },
  stickyStore: createMemoryStore(), // in production: Redis, or whatever your processes share
  onError: console.error,
});

const app = express();
const visitOf = (request: express.Request, response: express.Response) =>
  experiments.for(checkout, { userId: request.header('x-user') }, { request: fromExpress(request, response) });

app.get('/', async (request, response) => {
  response.send(await visitOf(request, response).run()); // counts the exposure
});
app.post('/order', async (request, response) => {
  await visitOf(request, response).track('ordered', { value: 20 });
  response.sendStatus(201);
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? '') : ''}/`);
});
process.once('SIGTERM', () => {
  // What is on its way is sent before the process ends.
  void experiments.flush().then(() => process.exit());
});
