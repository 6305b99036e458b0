/** Where skills are kept. Loads nothing else of them. */
import { type Places, placesOf, type Surroundings } from '../places.ts';

/** In the order in which they are looked through. */
const SKILL_PLACES = {
  project: ['.agents/skills', '.oagent/skills', '.codex/skills', '.claude/skills'],
  own: 'skills',
  user: ['.agents/skills', '.codex/skills', '.claude/skills'],
} as const;

export function skillPlaces(around: Surroundings): Places {
  return placesOf(around, SKILL_PLACES);
}
