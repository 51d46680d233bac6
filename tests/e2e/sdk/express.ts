import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { defineExperiment } from '../../../sdk/src/experiment/definition.ts';
import type { Experiments } from '../../../sdk/src/experiment/experiments.ts';
import { createMemoryStore } from '../../../sdk/src/experiment/assignment.ts';
import { createExperiments } from '../../../sdk/src/node/create-experiments.ts';
import { signForcedLink } from '../../../sdk/src/node/identify.ts';
import { fromExpress } from '../../../sdk/src/node/requests.ts';
import { percent } from '../../../sdk/src/rollout.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Backend } from '../../support/sdk/backend.ts';
import { startFaultyEndpoint } from '../../support/sdk/faulty-endpoint.ts';
import type { FaultyEndpoint } from '../../support/sdk/faulty-endpoint.ts';

const secret = 'a secret';
const checkout = defineExperiment({
  name: 'checkout',
  variants: { control: () => 'two steps', red: () => 'one step' },
  rollout: percent({ control: 0, red: 100 }),
});

let faulty: FaultyEndpoint;
let experiments: Experiments;
let shop: Server;
let errors: unknown[];
let namespace: string;

/** A shop: a page with an experiment and a goal, for visitors who may be signed in. */
const createShop = () => {
  const app = express();
  const visit = (request: express.Request, response: express.Response) => {
    const userId = request.header('x-user');
    return experiments.for(checkout, { userId }, { request: fromExpress(request, response) });
  };
  app.get('/', async (request, response) => {
    response.send(await visit(request, response).run());
  });
  app.post('/order', async (request, response) => {
    await visit(request, response).track('bought', { value: 10 });
    await experiments.flush();
    response.sendStatus(201);
  });
  return app;
};

const shopAddress = (): string => `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;

/** A browser without scripts: it keeps cookies. */
const createVisitor = (headers: Readonly<Record<string, string>> = {}) => {
  const cookies = new Map<string, string>();
  let user: string | undefined;

  const ask = async (path: string, method = 'GET'): Promise<string> => {
    const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const signedIn = user === undefined ? {} : { 'x-user': user };
    const response = await fetch(shopAddress() + path, { method, headers: { ...headers, ...signedIn, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response.text();
  };

  return {
    cookies,
    signIn: (id: string) => {
      user = id;
    },
    look: (path = '/') => ask(path),
    order: () => ask('/order', 'POST'),
  };
};

export const describeExpress = (backend: Backend): void =>
  describe('an Express app', () => {
    beforeEach(async () => {
      namespace = randomUUID();
      faulty = await startFaultyEndpoint(backend.endpoint);
      errors = [];
      experiments = createExperiments({
        endpoint: faulty.endpoint,
        namespace,
        cookie: { secret },
        forcedLinks: { secret },
        stickyStore: createMemoryStore(),
        onError: (error) => void errors.push(error),
      });
      shop = createServer(createShop());
      await new Promise<void>((ready) => shop.listen(0, '127.0.0.1', ready));
    });
    afterEach(async () => {
      await new Promise<void>((done) => {
        shop.close(() => done());
        shop.closeAllConnections();
      });
      await faulty.close();
      expect(errors).toEqual([]);
    });

    const nameOf = (event: string) => ({ namespace, experiment: 'checkout', variant: 'red', event });
    const countOf = (event: string) => backend.count(nameOf(event));
    const oneOrder = { exposed: 1, crossedOver: 0, converted: 1, times: 1, worth: 10 };
    const boughtBy = () => backend.visitors(nameOf('bought'));

    test('recognises visitors by a cookie, and the system has them one by one', async () => {
      const visitors = [createVisitor(), createVisitor(), createVisitor()];
      for (const visitor of visitors) {
        expect(await visitor.look()).toBe('one step');
        await visitor.look();
      }
      await visitors[0]?.order();
      await visitors[0]?.order();
      await visitors[1]?.order();

      expect(visitors.map(({ cookies }) => [...cookies.keys()])).toEqual(Array(3).fill(['mem_id']));
      await backend.settle();
      expect(await countOf('participate')).toBe(3);
      expect(await countOf('bought')).toBe(3);
      expect(await boughtBy()).toEqual({ exposed: 3, crossedOver: 0, converted: 2, times: 3, worth: 30 });
    });

    test('keeps a visitor one visitor when they sign in', async () => {
      const visitor = createVisitor();
      await visitor.look();
      visitor.signIn('ann');
      await visitor.look();

      await visitor.order();
      await backend.settle();
      expect([await countOf('participate'), await countOf('bought')]).toEqual([1, 1]);
      expect(await boughtBy()).toEqual(oneOrder);
    });

    test('finds a signed-in visitor again on another device', async () => {
      const [phone, laptop] = [createVisitor(), createVisitor()];
      phone.signIn('ann');
      laptop.signIn('ann');
      await phone.look();
      await laptop.order();

      expect([...phone.cookies.keys(), ...laptop.cookies.keys()]).toEqual([]);
      await backend.settle();
      expect(await boughtBy()).toEqual(oneOrder);
    });

    test.each([{ DNT: '1' }, { 'Sec-GPC': '1' }])(
      'shows the control to whoever sends %j, leaves no trace and counts nobody',
      async (headers) => {
        const visitor = createVisitor(headers);
        for (let page = 0; page < 3; page++) expect(await visitor.look()).toBe('two steps');
        await visitor.order();
        await experiments.flush();

        expect([...visitor.cookies.keys()]).toEqual([]);
        expect(faulty.requests).toEqual([]);
      },
    );

    test('shows a variant by a signed link, and counts nobody', async () => {
      const link = signForcedLink(shopAddress(), secret, {
        experiment: 'checkout',
        variant: 'control',
        expiresAt: new Date(Date.now() + 60_000),
      });
      const visitor = createVisitor();

      expect(await visitor.look(new URL(link).search.replace('?', '/?'))).toBe('two steps');
      expect(await experiments.flush()).toBe(0);
      expect(faulty.requests).toEqual([]);
    });

    test('loses and doubles nothing while the backend is down, and answers all the same', async () => {
      await faulty.goDown();
      const visitor = createVisitor();
      expect(await visitor.look()).toBe('one step');
      await visitor.order();
      expect(await experiments.flush()).toBe(2);

      await faulty.comeUp();
      faulty.loseNextAnswers(1);
      // In the pause after a failure nobody is kept waiting, and it ends by itself.
      expect(await experiments.flush()).toBe(2);
      await waitUntil('both events have got their 200', async () => (await experiments.flush()) === 0, 30);
      expect(faulty.taken).toHaveLength(4);
      await backend.settle();
      expect([await countOf('participate'), await countOf('bought')]).toEqual([1, 1]);
      expect(await boughtBy()).toEqual(oneOrder);
    });
  });
