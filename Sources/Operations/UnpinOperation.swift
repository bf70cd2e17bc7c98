import PCI
import Pins

/// The result of withdrawing declarations.
public struct UnpinResult {
  public let names: [String]
  /// What they had brought to a guest's driver and is still there.
  public let held: [Address]
}

extension Change {
  /// Withdraws declarations, all or none. What they brought to a guest's driver stays there.
  public func unpin(_ names: [String], maker: InitramfsMaker? = nil) throws(Diagnostic) -> UnpinResult {
    let folder = workspace.pinFolder
    let there: [String]
    do { there = try folder.names() } catch { throw Diagnostic(error) }
    // A name that is misspelled withdraws nothing.
    for name in names where !there.contains(name) {
      do { _ = try folder.read(name) } catch { throw Diagnostic(error) }
    }
    if !invocation.isDryRun {
      for name in names { do { try folder.remove(name) } catch { throw Diagnostic(error) } }
      try maker?.run(after: "withdrawn: \(names.joined(separator: " "))", invocation)
    }
    let held = try records.readHeld().filter { hold in hold.pin.map { names.contains($0) } ?? false }
    return UnpinResult(names: names, held: held.map(\.function))
  }
}
