/** How a project of PHP is tested: Laravel's own command, the script of composer.json, Pest or PHPUnit. */
import type { FindTests } from './project-folder.ts';
import { composerTest } from './project-scripts.ts';

const CONFIGURATIONS: readonly string[] = ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml'];

export const phpTests: FindTests = (folder) => {
  const isConfigured = CONFIGURATIONS.some((name) => folder.has(name));
  if (isConfigured && folder.has('artisan')) return 'php artisan test';
  if (composerTest(folder) !== undefined) return 'composer test';
  if (folder.has('tests/Pest.php')) return 'vendor/bin/pest';
  if (!isConfigured) return undefined;
  return folder.has('composer.json') ? 'vendor/bin/phpunit' : 'phpunit';
};
