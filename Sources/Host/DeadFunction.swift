import PCI

/// What can help a function that reads all ones.
public enum DeadFunction {
  /// Before a driver of the host gets it. `resets`: the kernel has a reset of it alone that works.
  public static func wayOut(of address: Address, resets: Bool = false) -> String {
    let folder = "/sys/bus/pci/devices/\(address)"
    return (resets ? "Reset it: echo 1 > \(folder)/reset; if it still reads all ones, find it anew" : "Find it anew")
      + ": echo 1 > \(folder)/remove && echo 1 > /sys/bus/pci/rescan; then: hostdev release \(address). If that does not help, power the host off and on, or reseat the card."
  }
}
