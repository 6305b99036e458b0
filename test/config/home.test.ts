import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { homeNotice, oagentHome, userHome } from '../../src/config/home.ts';

test('the home folder is $OAGENT_HOME, made absolute, or ~/.oagent', () => {
  expect([
    oagentHome({ OAGENT_HOME: '/srv/oagent' }),
    oagentHome({ OAGENT_HOME: 'sub/../home', HOME: '/home/me' }),
    oagentHome({ OAGENT_HOME: ' ', HOME: '/home/me' }),
    oagentHome({ HOME: '/home/me' }),
  ]).toEqual(['/srv/oagent', path.resolve('home'), '/home/me/.oagent', '/home/me/.oagent']);
});

test('a HOME that is missing, blank or relative is not used, and the last two are said', () => {
  const own = os.userInfo().homedir;
  const all = [{}, { HOME: '' }, { HOME: '.' }, { HOME: 'me' }, { HOME: '~' }];
  expect(all.map(userHome)).toEqual(all.map(() => own));
  expect(all.map(oagentHome)).toEqual(all.map(() => path.join(own, '.oagent')));
  const notice = `HOME is not an absolute path, so oagent keeps its own files in ${own}/.oagent. Set OAGENT_HOME to keep them elsewhere`;
  expect(all.map(homeNotice)).toEqual([undefined, notice, notice, notice, notice]);
  expect(homeNotice({ HOME: '', OAGENT_HOME: '/srv' })).toBeUndefined();
});
