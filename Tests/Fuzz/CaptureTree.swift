import FoundationEssentials

/// A capture of one function as files, beside a folder that nothing may write to.
///
/// Made of one sequence of bytes: pieces `0x01, kind, number of a path, content`, each of which puts something else in the
/// place of what a capture has there. Links lead to a table's places alone, so that a mistake of ours, once found, does no
/// harm outside the scratch folder.
struct CaptureTree {
  static let function = "0000:01:00.0"
  private static let device = "sys/devices/pci0000:00/\(function)"
  private static let pci = "sys/bus/pci"

  private static let files = [
    "\(device)/vendor": "0x10ee\n", "\(device)/device": "0x5000\n", "\(device)/class": "0x120000\n",
    "\(device)/uevent": "DRIVER=xclmgmt\nPCI_CLASS=120000\nPCI_ID=10EE:5000\nPCI_SUBSYS_ID=10EE:000E\n",
    "\(device)/driver_override": "(null)\n", "\(device)/reset_method": "flr bus\n", "\(device)/reset": "",
    "\(device)/sriov_totalvfs": "4\n", "\(device)/sriov_numvfs": "0\n", "\(device)/remove": "",
    "\(pci)/drivers/xclmgmt/bind": "", "\(pci)/drivers/xclmgmt/unbind": "", "\(pci)/drivers/vfio-pci/bind": "",
    "\(pci)/drivers/vfio-pci/unbind": "", "\(pci)/drivers/vfio-pci/new_id": "", "\(pci)/drivers_probe": "",
    "\(pci)/drivers_autoprobe": "1\n", "\(pci)/rescan": "", "sys/kernel/iommu_groups/12/type": "DMA\n",
    "sys/module/vfio_pci/refcnt": "0\n", "proc/sys/kernel/osrelease": "6.12.0\n",
    "lib/modules/6.12.0/modules.alias": "alias pci:v000010EEd00005000sv*sd*bc*sc*i* xclmgmt\n",
  ]

  private static let links = [
    "\(pci)/devices/\(function)": "../../../devices/pci0000:00/\(function)",
    "\(device)/driver": "../../../bus/pci/drivers/xclmgmt",
    "\(device)/iommu_group": "../../../kernel/iommu_groups/12",
    "\(pci)/drivers/xclmgmt/\(function)": "../../../../devices/pci0000:00/\(function)",
    "sys/kernel/iommu_groups/12/devices/\(function)": "../../../../devices/pci0000:00/\(function)",
  ]

  /// Where a piece may go; scripts/fuzz.d counts on no order.
  private static let places =
    files.keys.sorted() + links.keys.sorted() + [
      "run", "run/hostdev", "run/hostdev/lock", "run/hostdev/journal", "run/hostdev/held",
      "run/hostdev/journal/1-2.json", "run/hostdev/held/\(function).json", "run/hostdev-simulator",
      "run/hostdev-simulator/lock", "run/hostdev-simulator/captured", "run/hostdev-simulator/captured/\(function)",
      "run/hostdev-simulator/ids", "run/hostdev-simulator/ids/vfio-pci", "run/hostdev-simulator/unfinished",
      "run/hostdev-simulator/unfinished/\(function)", "run/hostdev-simulator/removed",
      "run/hostdev-simulator/removed/\(function)", "run/hostdev-simulator/faults.json", "sys", "sys/bus", pci,
      "\(pci)/devices", "\(pci)/drivers", "\(pci)/drivers/vfio-pci", "\(pci)/drivers/xclmgmt", "sys/devices", device,
      "sys/kernel/iommu_groups", "sys/kernel/iommu_groups/12", "sys/module", "dev/vfio", "dev/vfio/12", "proc", "lib",
      "\(pci)/drivers/vfio-pci/\(function)", "\(device)/virtfn0", "\(device)/physfn",
    ]

  /// The number that a piece calls a place by.
  static func number(of place: String) -> UInt8 { UInt8(truncatingIfNeeded: places.firstIndex(of: place) ?? 0) }

  private let scratch: URL
  /// What `--root` names.
  var root: String { scratch.path + "/tree" }
  private var outside: String { scratch.path + "/outside" }
  private static let canary = "untouched\n"

  private enum Node {
    case file([UInt8])
    case link(String)
    case folder
  }

  init(_ bytes: [UInt8]) {
    scratch = FileManager.default.temporaryDirectory.appending(path: "hostdev-fuzz-tree-\(UUID().uuidString)")
    var nodes = Self.files.mapValues { Node.file([UInt8]($0.utf8)) }
    nodes.merge(Self.links.mapValues { .link($0) }) { first, _ in first }
    nodes["run/hostdev"] = .folder
    for piece in bytes.split(separator: 1) where piece.count >= 2 {
      let path = Self.places[Int(piece[piece.startIndex + 1]) % Self.places.count]
      // Nothing stands below a link or above one, so that nothing is put anywhere through a link.
      for other in nodes.keys where (other + "/").hasPrefix(path + "/") || path.hasPrefix(other + "/") {
        nodes[other] = nil
      }
      nodes[path] = node(kind: piece[piece.startIndex], [UInt8](piece.dropFirst(2)), at: path)
    }
    for file in ["file", "folder/file"] { put(.file([UInt8](Self.canary.utf8)), "\(outside)/\(file)") }
    for (path, node) in nodes.sorted(by: { $0.key < $1.key }) { put(node, "\(root)/\(path)") }
  }

  /// What stands outside is as it was made: the complaint, or nil.
  func complaint() -> String? {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: outside))?.sorted() ?? []
    if names != ["file", "folder", "folder/file"] { return "outside the tree there is now \(names)" }
    for name in ["file", "folder/file"]
    where (try? String(contentsOfFile: "\(outside)/\(name)", encoding: .utf8)) != Self.canary {
      return "outside the tree \(name) was written"
    }
    return nil
  }

  func remove() { try? FileManager.default.removeItem(at: scratch) }

  // MARK: Making

  private func node(kind: UInt8, _ content: [UInt8], at path: String) -> Node? {
    switch kind % 4 {
    case 0: return .file(content)
    case 2: return .folder
    case 3: return nil
    default:
      let up = String(repeating: "../", count: path.split(separator: "/").count)
      let targets = [
        "\(outside)/file", "\(outside)/folder", "\(outside)/new", outside, "/", ".", "..", "/sys", "nowhere",
        "/sys/bus/pci/drivers/vfio-pci", "/run/hostdev",
        "/run/hostdev-simulator", up + "outside/folder", up + "outside/file",
        path.split(separator: "/").last.map(String.init) ?? "",
      ]
      return .link(targets[Int(content.first ?? 0) % targets.count])
    }
  }

  private func put(_ node: Node, _ path: String) {
    let files = FileManager.default
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    try? files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    switch node {
    case .file(let bytes): try? Data(bytes).write(to: URL(filePath: path))
    case .link(let target): try? files.createSymbolicLink(atPath: path, withDestinationPath: target)
    case .folder: try? files.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }
}
