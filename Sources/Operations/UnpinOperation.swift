import Checks
import PCI
import Pins

/// The result of withdrawing declarations.
public struct UnpinResult {
  /// A name that is not pinned, and the pin whose name looks most like it.
  public struct Absent {
    public let name: String
    public let suggestion: String?
  }

  /// What was withdrawn, or would be.
  public let names: [String]
  public let absent: [Absent]
  /// What they had brought to a guest's driver and is still there.
  public let held: [Address]
  /// What they declared, as far as their files could be read.
  let functions: [Address]
  let files: [FileChange]
  let isDryRun: Bool
}

extension Change {
  /// Withdraws declarations. What they brought to a guest's driver stays there.
  public func unpin(_ names: [String], maker: InitramfsMaker? = nil) throws(Diagnostic) -> UnpinResult {
    let folder = workspace.pinFolder
    var there: [String] = []
    var absent: [UnpinResult.Absent] = []
    var functions: Set<Address> = []
    var files: [FileChange] = []
    for name in Set(names).sorted() {
      do throws(PinError) {
        guard try folder.names().contains(name) else {
          absent.append(UnpinResult.Absent(name: name, suggestion: folder.likelyName(for: name)))
          continue
        }
      } catch { throw Diagnostic(error) }
      there.append(name)
      functions.formUnion((try? folder.read(name))?.functions.map(\.address) ?? [])
      files.append(FileChange(PinFolder.file(name), from: folder.text(name), to: nil))
    }
    if !invocation.isDryRun {
      for name in there { do { try folder.remove(name) } catch { throw Diagnostic(error) } }
      let done = there.isEmpty ? "nothing was withdrawn" : "withdrawn: \(there.joined(separator: " "))"
      try remake(maker, after: done, hasChanged: !there.isEmpty)
    }
    let held = try records.readHeld().filter { hold in hold.pin.map { there.contains($0) } ?? false }
    return UnpinResult(
      names: there, absent: absent, held: held.map(\.function), functions: functions.sorted(), files: files,
      isDryRun: invocation.isDryRun)
  }
}
