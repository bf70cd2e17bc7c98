import Host

/// The device from which Debian's initramfs resumes a host that was suspended to disk: `RESUME=` in
/// `/etc/initramfs-tools/conf.d`.
enum ResumeDevice {
  static func read(_ files: inout SettingFiles) -> [StorageEntry] {
    files.files(in: ["/etc/initramfs-tools/conf.d"], ending: "").flatMap { path in
      KeyLine.all(files.lines(path) ?? [])
        .filter { $0.key == "RESUME" && $0.value.contains(where: { "/=".contains($0) }) }
        .map {
          StorageEntry(
            .resume, StorageFields.device($0.value), what: "RESUME=\($0.value)",
            source: SourceLine(path, $0.line, text: $0.value))
        }
    }
  }
}
