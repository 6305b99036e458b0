import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { oagentHome } from '../../src/config/home.ts';

test('the home folder is $OAGENT_HOME, made absolute, or ~/.oagent', () => {
  const fallback = path.join(os.homedir(), '.oagent');
  expect([
    oagentHome({ OAGENT_HOME: '/srv/oagent' }),
    oagentHome({ OAGENT_HOME: 'sub/../home' }),
    oagentHome({ OAGENT_HOME: ' ' }),
    oagentHome({}),
  ]).toEqual(['/srv/oagent', path.resolve('home'), fallback, fallback]);
});
