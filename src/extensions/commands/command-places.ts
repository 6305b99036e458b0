/** Where the user's own commands are kept. Loads nothing else of them. */
import { type Places, placesOf, type Surroundings } from '../places.ts';

export function commandPlaces(around: Surroundings): Places {
  return placesOf(around, {
    project: ['.oagent/prompts', '.codex/prompts', '.claude/commands'],
    own: 'prompts',
    user: ['.codex/prompts', '.claude/commands'],
  });
}
