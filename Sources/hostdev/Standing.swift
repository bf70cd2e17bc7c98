import Assessment
import Host
import PCI
import Pins
import System

extension Workspace {
  /// What the host does with these functions; in an initramfs, where no disk can be read yet, what it will.
  func gather(_ set: [Address]) -> Usage {
    var usage = evidence.gather(set, in: host)
    guard isEarly else { return usage }
    let footing = self.footing
    for address in set {
      guard let function = host[address] else { continue }
      if let use = footing?.use(of: function, in: host) { usage.uses.append(use) }
      usage.uses += bootArguments(naming: address)
    }
    return usage
  }

  /// The image's record; nil where it has none, which is said.
  private var footing: Footing? {
    guard let bytes = try? root.read(Footing.file, limit: 1 << 20) else { return nil }
    return Footing(bytes: bytes)
  }

  /// Whether the image says what the host stands on.
  var hasFooting: Bool { footing != nil }

  /// `root=` and `resume=` by a name that has the address in it: `/dev/disk/by-path/pci-0000:01:00.0-nvme-1`.
  private func bootArguments(naming address: Address) -> [Use] {
    let words = ((try? root.read("/proc/cmdline")) ?? []).split { $0 == 0x20 || $0 == 0x0a }
      .map { String(decoding: $0, as: UTF8.self) }
    return words.filter { word in
      ["root=", "resume=", "rd.luks.uuid=", "cryptdevice="].contains { word.hasPrefix($0) }
        && (word.contains("pci-\(address)-") || word.hasSuffix("pci-\(address)"))
    }.map { word in
      Use(
        function: address, kind: .footing, subject: word, detail: "on the kernel's command line",
        chain: ["\(address)", "/proc/cmdline"], isVital: true)
    }
  }
}
