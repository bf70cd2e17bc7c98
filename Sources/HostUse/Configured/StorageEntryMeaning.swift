import Host
import Settings

extension StorageEntry {
  var kind: Use.Kind {
    switch origin {
    case .fstab, .crypttab: .fstab
    case .array, .resume, .kernelArgument: .configuredStorage
    }
  }

  /// The machine does not start, or loses what was suspended, without.
  var isVital: Bool {
    switch origin {
    case .fstab: StorageUse.vital.contains(point) || point == "swap"
    case .resume, .kernelArgument: true
    case .crypttab, .array: false
    }
  }
}
