/** How code was found when the vector of the question came too late: for people, behind what was found. */
export const BY_WORDS = 'by words alone: the embedding model did not answer in time';
