import Checks
import Host
import PCI
import Pins
import System

extension Workspace {
  /// What the host does with these functions; in an initramfs, where no disk can be read yet, what it will.
  func gather(_ set: [Address]) -> Usage {
    var usage = evidence.gather(set, in: host)
    guard isEarly else { return usage }
    // The record tells functions by their places, those of the whole host.
    scanner.locate(&host)
    let (essential, doubt) = readEssentialFunctions()
    for address in set {
      guard let function = host[address] else { continue }
      if let use = essential?.use(of: function, in: host) { usage.uses.append(use) }
      if let doubt, function.mayCarryStorage {
        usage.unknown.append(UnknownUse(function: address, area: .storage, reason: doubt))
      }
      usage.uses += evidence.bootArguments(naming: address)
    }
    return usage
  }

  /// The image's record, or why there is none: then it is unknown what the host will use.
  private func readEssentialFunctions() -> (EssentialFunctions?, doubt: String?) {
    do {
      if let essential = EssentialFunctions(bytes: try root.read(EssentialFunctions.file, limit: 1 << 20)) {
        return (essential, nil)
      }
      return (nil, "\(EssentialFunctions.file): not a valid record of the functions that the host uses")
    } catch {
      return (
        nil, "\(EssentialFunctions.file): \(error.errno.name); the image does not say which functions the host uses"
      )
    }
  }
}

extension Function {
  /// Storage and what storage is reached through: network cards, card readers, USB and Fibre Channel.
  fileprivate var mayCarryStorage: Bool {
    guard let code = classCode.value else { return true }
    return [0x01, 0x02, 0x08, 0x0c].contains(code.base)
  }
}
