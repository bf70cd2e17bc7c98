/// What the kernel answers: every row and bullet of kernel.md that a write can show.
///
/// The last ones leave `reset_method` of the `stale` function without its `bus`, which only an enumeration brings back.
public let contract: [Expectation] =
  bindings + unbindings + probes + overrides + heldByGuest + waiting + groups + faults + modules + identifiers
  + virtualFunctions + attributes + hotPlug + resets + resetMethods
