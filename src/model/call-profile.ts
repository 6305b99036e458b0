/** How a model is worked with: by native tool calls, or led by the harness. */
export type Profile = 'native' | 'led';
