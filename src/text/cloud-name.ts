/** As Ollama marks the models that its servers run: `kimi-k2:1t-cloud`, `glm-4.6:cloud`. */
export function isCloudName(model: string): boolean {
  return /[:-]cloud$/i.test(model.trim());
}
