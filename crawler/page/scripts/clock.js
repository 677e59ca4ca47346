// Sets the page's clock back to the instant `at` (milliseconds since 1970), from where it goes on: pages that
// say how long ago something was then say the same as at the visit. Runs in the page's own world.
({at}) => {
  const Real = Date, behind = Real.now() - at;
  const now = () => Real.now() - behind;
  const shifted = new Proxy(Real, {
    construct: (target, values, made) =>
      Reflect.construct(target, values.length ? values : [now()], made === shifted ? target : made),
    apply: () => new Real(now()).toString(),
    get: (target, name) => name === "now" ? now : Reflect.get(target, name),
  });
  Object.defineProperty(Real.prototype, "constructor", {value: shifted, configurable: true, writable: true});
  globalThis.Date = shifted;
}
