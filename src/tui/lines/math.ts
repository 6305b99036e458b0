/**
 * Formulas in TeX as text of Unicode: `$\alpha^2 \leq \frac{1}{n}$` as `α² ≤ 1/n`.
 *
 * Invariants: what cannot be written so in one line stays as the model wrote it, all of it; money and variables of a shell are no
 * formulas; the time is linear in the length.
 */
const FORMULA_LIMIT = 2_000;
const DEPTH_LIMIT = 12;

const SYMBOLS: ReadonlyMap<string, string> = new Map(
  [
    'alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ',
    'tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω',
    'times × cdot · div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ otimes ⊗ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅',
    'propto ∝ ll ≪ gg ≫ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ cup ∪ cap ∩ setminus ∖ emptyset ∅ varnothing ∅ forall ∀ exists ∃ nexists ∄',
    'neg ¬ lnot ¬ land ∧ wedge ∧ lor ∨ vee ∨ to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⇒ iff ⇔ mapsto ↦',
    'uparrow ↑ downarrow ↓ infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ int ∫ iint ∬ oint ∮ ldots … dots … cdots ⋯ vdots ⋮ angle ∠ perp ⊥ parallel ∥ mid ∣ vert | Vert ‖ hbar ℏ ell ℓ',
    'Re ℜ Im ℑ aleph ℵ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ langle ⟨ rangle ⟩ top ⊤ bot ⊥ vdash ⊢ models ⊨ therefore ∴ because ∵ degree ° prime ′ dagger † quad \u2003 qquad \u2003',
  ].flatMap((row) =>
    [...row.matchAll(/(\w+) (\S|\u2003)/g)].map(([, name = '', sign = '']): [string, string] => [name, sign]),
  ),
);
/** Written as they are called. */
const FUNCTIONS = new Set(
  'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp min max sup inf lim limsup liminf det dim ker gcd deg arg argmin argmax Pr mod'.split(
    ' ',
  ),
);
const AS_IS = new Set([
  'text',
  'mathrm',
  'mathbf',
  'mathit',
  'mathsf',
  'mathtt',
  'mathcal',
  'operatorname',
  'boldsymbol',
  'bm',
  'textbf',
  'textit',
]);
/** Sizes and spaces: nothing of them is seen. */
const UNSEEN = new Set([
  'left',
  'right',
  'big',
  'Big',
  'bigg',
  'Bigg',
  'bigl',
  'bigr',
  'displaystyle',
  'textstyle',
  'limits',
  'nolimits',
  ',',
  ';',
  ':',
  '!',
  ' ',
]);
const ACCENTS: ReadonlyMap<string, string> = new Map([
  ['hat', '\u0302'],
  ['bar', '\u0304'],
  ['overline', '\u0304'],
  ['tilde', '\u0303'],
  ['vec', '\u20d7'],
  ['dot', '\u0307'],
  ['ddot', '\u0308'],
]);
const DOUBLE: ReadonlyMap<string, string> = pairs('RℝNℕZℤQℚCℂPℙE𝔼');
const RAISED = pairs('0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻=⁼(⁽)⁾nⁿiⁱaᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰjʲkᵏlˡmᵐoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻTᵀ′′');
const LOWERED = pairs('0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓ');

function pairs(text: string): Map<string, string> {
  return new Map(Array.from(text.matchAll(/(.)(.)/gsu), ([, from = '', to = '']) => [from, to]));
}

const DOLLARS = /^\$\$([^$]+)\$\$|^\$((?![\s$])[^$\n]*[^$\s\\])\$(?![\w$])/;
const BRACKETS = /^\\\(([^\n]+?)\\\)|^\\\[([\s\S]+?)\\\]/;

/** A formula at the start of the source: all of it, and what is between the signs. */
export function formulaAt(source: string): { readonly raw: string; readonly tex: string } | undefined {
  const start = source.slice(0, FORMULA_LIMIT);
  const [raw, ...parts] = DOLLARS.exec(start) ?? BRACKETS.exec(start) ?? [];
  if (raw === undefined) return undefined;
  const tex = parts.find((part) => part !== undefined) ?? '';
  // `$5 and $6`, `$HOME/bin:$`: what has no sign of a formula is none.
  return raw.startsWith('$') && !raw.startsWith('$$') && !/[\\^_=<>+*]|^[A-Za-z]'?$/.test(tex)
    ? undefined
    : { raw, tex };
}

/** The formula in one line; undefined if it has something that cannot be written so. */
export function formulaText(tex: string): string | undefined {
  const reader = new Reader(tex.trim());
  const text = reader.sequence('', 0);
  return reader.hasFailed ? undefined : text.replace(/[ \n\t]+/g, ' ').trim();
}

const TOKEN = /\\([A-Za-z]+|[^A-Za-z])|[ \t\n]+|[^\\]/suy;

class Reader {
  readonly #tex: string;
  #at = 0;
  hasFailed = false;

  constructor(tex: string) {
    this.#tex = tex;
  }

  /** Up to `end`, which is taken too. */
  sequence(end: string, depth: number): string {
    if (depth > DEPTH_LIMIT) return this.#fail();
    let text = '';
    while (!this.hasFailed) {
      const [token = '', command] = this.#next();
      if (token === end && command === undefined) return text;
      if (token === '') return this.#fail();
      text += this.#piece(token, command, depth);
    }
    return text;
  }

  #piece(token: string, command: string | undefined, depth: number): string {
    if (command !== undefined) return this.#command(command, depth);
    switch (token) {
      case '{':
        return this.sequence('}', depth + 1);
      case '^':
        return script(this.#argument(depth), RAISED, '^');
      case '_':
        return script(this.#argument(depth), LOWERED, '_');
      case '}':
      case '&':
      case '#':
        return this.#fail();
      case '~':
        return ' ';
      default:
        return token;
    }
  }

  #command(name: string, depth: number): string {
    const sign = SYMBOLS.get(name);
    if (sign !== undefined) return sign;
    if (FUNCTIONS.has(name)) return `${name} `;
    if (UNSEEN.has(name))
      return name === 'left' || name === 'right' ? this.#fence() : name === ',' ? ' ' : '';
    if (/^[{}%$&#_|]$/.test(name)) return name === '|' ? '‖' : name;
    const accent = ACCENTS.get(name);
    if (accent !== undefined) return accented(this.#argument(depth), accent) ?? this.#fail();
    if (AS_IS.has(name)) return this.#argument(depth);
    switch (name) {
      case 'frac':
      case 'dfrac':
      case 'tfrac':
        return `${grouped(this.#argument(depth))}/${grouped(this.#argument(depth))}`;
      case 'sqrt':
        return this.#tex[this.#at] === '[' ? this.#fail() : `√${grouped(this.#argument(depth))}`;
      case 'mathbb':
        return DOUBLE.get(this.#argument(depth)) ?? this.#fail();
      default:
        return this.#fail();
    }
  }

  /** `\left.` is no sign at all. */
  #fence(): string {
    if (this.#tex[this.#at] === '.') this.#at += 1;
    return '';
  }

  /** A group, a command or one character. */
  #argument(depth: number): string {
    let [token = '', command] = this.#next();
    if (token.trim() === '') [token = '', command] = this.#next();
    if (token === '') return this.#fail();
    return this.#piece(token, command, depth + 1);
  }

  #next(): RegExpExecArray | [] {
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#tex);
    this.#at = found === null ? this.#tex.length : TOKEN.lastIndex;
    return found ?? [];
  }

  #fail(): string {
    this.hasFailed = true;
    return '';
  }
}

/** By raised or lowered characters, if there are all of them. */
function script(text: string, characters: ReadonlyMap<string, string>, mark: string): string {
  const mapped = Array.from(text.trim(), (char) => characters.get(char));
  if (mapped.every((char) => char !== undefined)) return mapped.join('');
  return /^.$/su.test(text) ? `${mark}${text}` : `${mark}(${text})`;
}

function accented(text: string, accent: string): string | undefined {
  return /^\p{L}$/u.test(text) ? text + accent : undefined;
}

function grouped(text: string): string {
  return /^(?:[\p{L}\p{N}.]+|.)[⁰-ⁿ₀-ₜ²³¹]*$/su.test(text) ? text : `(${text})`;
}
