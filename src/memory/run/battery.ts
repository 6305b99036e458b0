/** Whether the machine runs on its battery. What cannot be found out counts as mains. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../../system/run.ts';

const SUPPLIES = '/sys/class/power_supply';

/** @param supplies where Linux lists what the machine gets its power from. */
export async function isOnBattery(platform = process.platform, supplies = SUPPLIES): Promise<boolean> {
  return platform === 'darwin' ? onBatteryOfMac() : onBatteryOfLinux(supplies);
}

/** A battery that discharges, and nothing plugged in; those of a mouse or a phone have the scope `Device`. */
function onBatteryOfLinux(supplies: string): boolean {
  const found = namesIn(supplies).map((name) => {
    const of = (fact: string): string => read(path.join(supplies, name, fact));
    return { type: of('type'), isOnline: of('online') === '1', status: of('status'), scope: of('scope') };
  });
  if (found.some(({ type, isOnline }) => type !== 'Battery' && isOnline)) return false;
  return found.some(
    ({ type, status, scope }) => type === 'Battery' && scope !== 'Device' && status === 'Discharging',
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

async function onBatteryOfMac(): Promise<boolean> {
  try {
    const said = await run('/usr/bin/pmset', ['-g', 'batt'], { cwd: '/', timeoutMs: 5_000 });
    return said.toString('utf8').includes('Battery Power');
  } catch {
    return false;
  }
}
