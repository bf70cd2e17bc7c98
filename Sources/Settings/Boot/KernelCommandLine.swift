import Host
import PCI
import Sysfs

/// `/proc/cmdline`: what the running kernel was started with.
public enum KernelCommandLine {
  public static let path = "/proc/cmdline"

  /// Unknown if it could not be read: every kernel has it, so a capture without it did not take it along.
  public static func read(_ sysfs: any Sysfs) -> Fact<[String]> {
    sysfs.fact(path).value.map { .known(KernelParameter.all($0).map(\.text)) } ?? .unknown
  }

  /// `hostdev=off`, however it is spelled: what happens by itself is turned off.
  public static func turnsOff(_ word: String) -> Bool {
    let parameter = KernelParameter(word)
    return parameter.name == "hostdev" && parameter.value.flatMap { KernelParameter.boolean($0) } == false
  }
}
