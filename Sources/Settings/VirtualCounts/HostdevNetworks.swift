import Host
import Sysfs

/// libvirt's networks that hand virtual functions out: `<forward mode='hostdev'><pf dev='eth0'/></forward>`.
///
/// Read line by line: nothing else of a network matters here.
enum HostdevNetworks {
  static let folder = "/etc/libvirt/qemu/networks"

  static func virtualCounts(_ files: inout SettingFiles) -> [VirtualCount] {
    files.names(folder).filter { $0.hasSuffix(".xml") }.flatMap { name -> [VirtualCount] in
      let path = "\(folder)/\(name)"
      var isForward = false
      var found: [VirtualCount] = []
      for (index, line) in (files.lines(path) ?? []).enumerated() {
        if line.contains("<forward") { isForward = value(of: "mode", in: line) == "hostdev" }
        if isForward, let place = line.firstRange(of: "<pf"),
          let device = value(of: "dev", in: String(line[place.lowerBound...]))
        {
          found.append(
            VirtualCount(
              .pool, .interface(InterfaceMatch(names: [device])), count: nil,
              source: SourceLine(path, index + 1, text: trimmed(line))))
        }
        if line.contains("</forward") { isForward = false }
      }
      return found
    }
  }

  private static func value(of key: String, in line: String) -> String? {
    for quote in ["'", "\""] {
      guard let start = line.firstRange(of: " \(key)=\(quote)") else { continue }
      return String(line[start.upperBound...].prefix { String($0) != quote })
    }
    return nil
  }
}
