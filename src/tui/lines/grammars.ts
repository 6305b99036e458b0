/** The languages that are highlighted; a module of its own, so that the other 150 stay out of the build. */
import { common, createLowlight } from 'lowlight';

export type Lowlight = ReturnType<typeof createLowlight>;

export function createHighlighter(): Lowlight {
  const lowlight = createLowlight(common);
  lowlight.registerAlias({
    ini: ['toml', 'cfg', 'conf'],
    bash: ['console', 'shellsession'],
    typescript: ['mts'],
  });
  return lowlight;
}
