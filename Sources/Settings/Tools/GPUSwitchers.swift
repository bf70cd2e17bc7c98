import Host
import Sysfs

/// Programs of laptops that turn the second graphics card off: what each was told, in its own file.
///
/// EnvyControl's word is a file of udev's rules, which is read as one.
enum GPUSwitchers {
  static func read(_ files: inout SettingFiles) -> [BusRemoval] {
    supergfx(&files) + prime(&files) + system76(&files) + optimus(&files) + bbswitch(&files)
  }

  private static func supergfx(_ files: inout SettingFiles) -> [BusRemoval] {
    supergfx("integrated", &files).map {
      BusRemoval("supergfxd", .graphics, by: $0, wayBack: "supergfxctl --mode Hybrid")
    }
  }

  /// The line of supergfxd's file that gives the card to vfio-pci: `"mode": "Vfio"`.
  static func toGuests(_ files: inout SettingFiles) -> SourceLine? { supergfx("vfio", &files).last }

  private static func supergfx(_ mode: String, _ files: inout SettingFiles) -> [SourceLine] {
    lines("/etc/supergfxd.conf", &files) { line in
      let plain = line.replacing("\"", with: "").replacing(",", with: "")
      let parts = plain.split(separator: ":", maxSplits: 1).map { trimmed($0) }
      return parts.count == 2 && ["mode", "gfx_mode"].contains(parts[0]) && parts[1].lowercased() == mode
    }
  }

  /// `/etc/prime-discrete` of nvidia-prime: `off`, by `prime-select intel`.
  private static func prime(_ files: inout SettingFiles) -> [BusRemoval] {
    lines("/etc/prime-discrete", &files) { ["off", "integrated"].contains(trimmed($0)) }.map {
      BusRemoval("prime-select", .graphics, by: $0, wayBack: "prime-select on-demand")
    }
  }

  /// In its mode `integrated` it keeps every NVIDIA driver away, and removes the card.
  private static func system76(_ files: inout SettingFiles) -> [BusRemoval] {
    lines("/etc/modprobe.d/system76-power.conf", &files) {
      ["alias nvidia off", "blacklist nvidia"].contains(words($0).joined(separator: " "))
    }.prefix(1).map { BusRemoval("system76-power", .graphics, by: $0, wayBack: "system76-power graphics hybrid") }
  }

  /// `pci_remove=yes`, unless the card is what the screen starts on.
  private static func optimus(_ files: inout SettingFiles) -> [BusRemoval] {
    let file = "/etc/optimus-manager/optimus-manager.conf"
    let all = KeyLine.all(files.lines(file) ?? [])
    let mode = all.last { $0.key == "startup_mode" }?.value ?? "integrated"
    guard mode == "integrated" || mode == "auto" || mode == "intel" else { return [] }
    return all.filter { line in
      line.key == "pci_remove" && line.value == "yes"
        || line.key == "switching" && ["bbswitch", "acpi_call"].contains(line.value)
    }.map { BusRemoval("optimus-manager", .graphics, by: SourceLine(file, $0.line, text: "\($0.key)=\($0.value)")) }
  }

  /// `options bbswitch load_state=0`: the card answers nothing but ones.
  private static func bbswitch(_ files: inout SettingFiles) -> [BusRemoval] {
    files.files(in: ["/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"], ending: ".conf")
      .flatMap { file in
        lines(file, &files) { line in
          let fields = words(line)
          return fields.prefix(2) == ["options", "bbswitch"] && fields.contains("load_state=0")
        }.map { BusRemoval("bbswitch", .graphics, by: $0) }
      }
  }

  private static func lines(
    _ file: String, _ files: inout SettingFiles, where fits: (String) -> Bool
  ) -> [SourceLine] {
    (files.lines(file) ?? []).enumerated().filter { fits($0.element) }.map {
      SourceLine(file, $0.offset + 1, text: trimmed($0.element))
    }
  }
}
