/** Applies the patch in argv[3] to the folder in argv[2], as the user in argv[4]; prints what went wrong. A process of its own can be nobody. */
import { applyPlan } from '../../../src/tools/apply-patch/apply.ts';
import { PatchError } from '../../../src/tools/apply-patch/errors.ts';
import { parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { planPatch } from '../../../src/tools/apply-patch/plan.ts';

const [root = '', patch = '', user] = process.argv.slice(2);
const plan = planPatch(parsePatch(patch), root);
plan
  .then((found) => {
    if (user !== undefined) {
      process.setgroups?.([]);
      process.setgid?.(Number(user));
      process.setuid?.(Number(user));
    }
    return applyPlan(found);
  })
  .catch((error: unknown) => {
    console.log(error instanceof PatchError ? error.tool : error);
  });
