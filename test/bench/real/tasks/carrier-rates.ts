/** A Python file of 300 lines with twenty similar functions, and the check that exactly one of them changed. */

const CARRIERS =
  'albatross bittern curlew dunlin egret falcon gannet heron ibis jackdaw kestrel lapwing merlin nuthatch osprey petrel quail raven swift tern'.split(
    ' ',
  );

/** The file. `heron` is what heron_price charges above 20 kg. */
export function carrierRates(heron = '15.9'): string {
  const functions = CARRIERS.map((carrier, at) => {
    const [small, medium, large] = pricesOf(at);
    return `def ${carrier}_price(kilos):
    """Price of one parcel with ${carrier[0]?.toUpperCase()}${carrier.slice(1)}."""
    if kilos <= 0:
        raise ValueError("a parcel weighs something")
    if kilos <= 2:
        return ${small}
    elif kilos <= 20:
        # Includes insurance up to ${100 + 10 * at} euros.
        return ${medium}
    else:
        # Too heavy for one person.
        return ${carrier === 'heron' ? heron : large}
`;
  });
  const table = CARRIERS.map((carrier) => `    "${carrier}": ${carrier}_price,\n`).join('');
  return `"""Prices per parcel of the carriers that we use."""\n\n\n${functions.join('\n\n')}\n\nPRICES = {\n${table}}\n`;
}

/** Python that fails unless heron charges 18.5 above 20 kg and all else is as it was. */
export const RATES_CHECK = `import rates
for name, small, medium, large in ${JSON.stringify(CARRIERS.map((carrier, at) => [carrier, ...pricesOf(at).map(Number)]))}:
    price = rates.PRICES[name]
    assert price is getattr(rates, name + "_price")
    got = [price(w) for w in (0.1, 2, 2.1, 20, 20.1, 100)]
    heavy = 18.5 if name == "heron" else large
    assert got == [small, small, medium, medium, heavy, heavy], (name, got)
    try:
        price(0)
    except ValueError:
        continue
    raise AssertionError(name)
`;

/** Heron's large price is also that of others, so that the number alone does not find the place. */
function pricesOf(at: number): [string, string, string] {
  return [
    (3.5 + 0.2 * (at % 6)).toFixed(1),
    (7.1 + 0.3 * (at % 5)).toFixed(1),
    (14.5 + 0.7 * (at % 5)).toFixed(1),
  ];
}
