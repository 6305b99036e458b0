/** Text files that a build inlines: `import text from './x.md?raw'` (Vite's convention; scripts/build.mjs follows it). */
declare module '*?raw' {
  const text: string;
  export default text;
}
