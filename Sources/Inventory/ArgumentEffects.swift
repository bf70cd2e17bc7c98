import Host
import PCI
import Sysfs

/// Reads what shows whether an argument of the kernel, or an option of a module, did anything.
struct ArgumentEffects {
  let sysfs: any Sysfs

  private static let framebuffers: Set = [
    "BOOTFB", "efifb", "simplefb", "vesafb", "simple-framebuffer", "simpledrm", "efidrm", "vesadrm",
  ]

  /// Each once, in the file's order; none if the kernel has the memory for nothing of the kind.
  func bootFramebuffers() -> Fact<[String]> {
    guard let text = sysfs.fact("/proc/iomem").value else { return .unknown }
    var found: [String] = []
    for line in textLines(text) {
      guard let colon = line.firstRange(of: " : ") else { continue }
      let name = String(line[colon.upperBound...])
      if Self.framebuffers.contains(name), !found.contains(name) { found.append(name) }
    }
    return .known(found)
  }

  /// Other modules' parameters are none of ours, and reading one may ask its driver.
  func parameters(_ words: [String], _ lines: [ModprobeLine]) -> [String: String] {
    let options = lines.filter { $0.command == .options }.flatMap { line in
      KernelParameter.all(line.arguments).map { "\(line.module).\($0.name)" }
    }
    var found: [String: String] = [:]
    for name in words.map({ KernelParameter($0).name }) + options where found[name] == nil {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, parts[0].hasPrefix("vfio") || parts[0].hasPrefix("kvm"),
        parts.allSatisfy(ModuleNames.isSound)
      else { continue }
      found[name] = sysfs.fact("/sys/module/\(parts[0])/parameters/\(parts[1])").value
    }
    return found
  }
}
