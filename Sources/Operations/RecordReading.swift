import PCI
import Transactions

extension Records {
  /// What is held. `doing`: what it is read for, in an error.
  func readHeld(doing: String = "cannot read what is held") throws(Diagnostic) -> [Hold] {
    do { return try held() } catch { throw Diagnostic(error, doing: doing) }
  }

  /// Runs whose journal is open.
  func readJournals(doing: String = "cannot read the journal") throws(Diagnostic) -> [Journal] {
    do { return try openJournals() } catch { throw Diagnostic(error, doing: doing) }
  }

  func forgetting(_ function: Address) throws(Diagnostic) {
    do { try forget(function) } catch { throw Diagnostic(error, doing: "cannot remove the record of \(function)") }
  }
}

extension Workspace {
  /// For the commands that only look: what is held, and the journals that are open.
  func recorded() throws(Diagnostic) -> (held: [Hold], open: [Journal]) {
    let doing = "cannot read /run/hostdev"
    return (try records.readHeld(doing: doing), try records.readJournals(doing: doing))
  }

  /// Functions that hostdev holds.
  public func heldFunctions() throws(Diagnostic) -> Set<Address> { Set(try records.readHeld().map(\.function)) }
}
