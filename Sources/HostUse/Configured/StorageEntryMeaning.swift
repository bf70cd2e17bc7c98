import Host
import Settings

extension StorageEntry {
  /// `device`: how its users name what it is for.
  func use(of device: String) -> Use.What {
    switch origin {
    case .fstab: .fstab(device: device, entry: what, point: point)
    case .crypttab: .fstab(device: device, entry: what, point: nil)
    case .array, .resume, .kernelArgument: .configuredStorage(device: device, entry: what)
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
