import Pins

/// What became of a declaration whose functions were to be moved at once.
public enum DeclarationFate {
  /// It stands: its functions are in place, or it stood before this run.
  case stands
  /// They could not be moved: what was declared before is declared again, or nothing is.
  case withdrawn
  /// They could not be moved, and the file could not be put back.
  case stuck(PinError)
}

extension Change {
  /// Brings a pin into place right after it was declared, in one transaction. If that fails, the declaration goes with it.
  ///
  /// `file`: as this run wrote it; nil if the pin stood already. `beside`: the other pins.
  mutating func apply(_ pin: Pin, declaredIn file: FileChange?, beside others: [Pin]) -> (
    run: PinRun, fate: DeclarationFate
  ) {
    var application = PinApplication(self, .now)
    invocation.runtime.rememberSignals()
    let runs = application.apply([pin], beside: others.filter { $0.name != pin.name }, settled: [:])
    // Groups, drivers and modules are other ones now.
    self = application.change
    let run = runs.first ?? PinRun(pin.name, .absent)
    guard run.status != .done, let file else { return (run, .stands) }
    let folder = workspace.pinFolder
    do throws(PinError) {
      if let prior = file.prior { try folder.write(prior, as: pin.name) } else { try folder.remove(pin.name) }
    } catch { return (run, .stuck(error)) }
    return (run, .withdrawn)
  }
}
