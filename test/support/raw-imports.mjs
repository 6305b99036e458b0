/** `node --import` this: our sources run as they are, with the texts that the build inlines (`?raw`). */
import { readFileSync } from 'node:fs';
import { flushCompileCache, registerHooks } from 'node:module';

registerHooks({
  load(url, context, next) {
    if (!url.endsWith('?raw')) return next(url, context);
    const text = readFileSync(new URL(url.slice(0, -'?raw'.length)), 'utf8');
    return { format: 'module', source: `export default ${JSON.stringify(text)};`, shortCircuit: true };
  },
});

// Once all is loaded: many of these processes are killed, and what they compiled would be compiled anew by each that comes after.
setImmediate(flushCompileCache);
