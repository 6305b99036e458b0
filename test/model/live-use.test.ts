/** What oagents know of each other's use of a model. */
import { expect, test } from 'vitest';
import { enterLine } from '../../src/model/live-use.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('requests to one server wait for each other, by whatever name it is called', async () => {
  const home = await tempFolder();
  const names = ['http://localhost:11434', 'http://127.0.0.1:11434', 'http://[::1]:11434'];
  const others = names.map((server, since) => enterLine(home, { server, model: 'm', since }));
  const own = enterLine(home, { server: 'http://127.0.0.1:11434', model: 'm:latest', since: 9 });
  const elsewhere = enterLine(home, { server: 'http://127.0.0.1:8080', model: 'm', since: 9 });
  expect([own.before(), elsewhere.before()]).toEqual([3, 0]);
  for (const place of others) place.leave();
  expect(own.before()).toBe(0);
  own.leave();
  elsewhere.leave();
});
