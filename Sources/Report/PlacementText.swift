import Host

/// Where a function is, as a sentence goes on after its address.
func placement(_ state: State) -> String {
  state.driver.name.map { "is on \($0)" } ?? "has no driver" + (state.override.map { " (driver_override \($0))" } ?? "")
}

/// Where it was before, in parentheses; empty if it is there still, or if that is not known.
func past(_ was: State.Driver?, now: State.Driver?) -> String {
  guard let was, was != now else { return "" }
  return " (was \(was.name.map { "on \($0)" } ?? "without a driver"))"
}
