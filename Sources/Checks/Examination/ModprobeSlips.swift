import Host
import Settings

extension Examination {
  /// Lines of modprobe.d and of the lists of modules that were meant to give devices away.
  var modprobeSlips: [Slip] {
    optionLines.flatMap(slips)
      + settings.strayModuleLines.map { stray in
        let ids = writtenIDs(in: stray.source.text)
        let kind: Slip.Kind =
          switch stray.reason {
          case .fileName: .fileName
          case .command(let word): .command(word)
          case .namesOnly: .namesOnly
          }
        let driver = stray.source.text.contains("stub") ? "pci-stub" : VFIODriver.generic
        return Slip(
          kind: kind, text: stray.source.text, sources: [stray.source], ids: ids, meant: Self.meant(driver, ids))
      }
  }

  /// Options of modules, in the order in which modprobe takes them.
  var optionLines: [ModprobeLine] {
    (surroundings.modprobeLines + settings.moduleLines).filter { $0.command == .options }
  }

  /// What takes the place of a line's `ids=`: a later line, or the kernel's command line, which modprobe reads last.
  func replacement(of line: ModprobeLine) -> SourceLine? {
    guard let driver = line.claimedDriver, line.ids != nil else { return nil }
    // The lists have their modules loaded with options of their own, behind all others.
    if settings.moduleLines.contains(line) { return nil }
    if surroundings.vfioPCI != .builtIn,
      let word = surroundings.commandLine.value?.last(where: { KernelWord.claim($0)?.driver == driver })
    {
      return SourceLine("/proc/cmdline", nil, text: word)
    }
    return surroundings.modprobeLines.replacement(of: line)?.source
  }

  /// Modprobe hands options to modules; a driver that is built in takes its own from the kernel's command line.
  func isWithoutModule(_ line: ModprobeLine) -> Bool { line.module == "vfio_pci" && surroundings.vfioPCI == .builtIn }

  private func slips(_ line: ModprobeLine) -> [Slip] {
    func slip(_ kind: Slip.Kind, isWrong: Bool = true) -> Slip {
      let text = "\(line.module) \(line.arguments)"
      let ids = writtenIDs(in: text)
      let driver = line.claimedDriver ?? (text.contains("stub") ? "pci-stub" : VFIODriver.generic)
      return Slip(
        kind: kind, text: line.source.text, sources: [line.source], ids: ids,
        meant: isWrong ? Self.meant(driver, ids) : nil)
    }
    // `options vfio-pci.ids=10de:1e87`: all of it is the module's name.
    if line.module.contains("="), !ClaimedID.written(in: line.module).isEmpty {
      return [slip(.notAParameter(String(line.module.prefix { $0 != "=" })))]
    }
    guard line.claimedDriver != nil else { return strayOptions(line).map { slip(.notAParameter($0)) } }
    if line.ids != nil {
      if isWithoutModule(line) { return [slip(.builtIn)] }
      if let other = replacement(of: line) { return [slip(.replaced(by: "\(other)"), isWrong: false)] }
    }
    return KernelParameter.all(line.arguments).flatMap { parameter -> [Slip.Kind] in
      if ClaimedID.isList(parameter.text) { return [.standsAlone] }
      if parameter.name == "ids" {
        guard let value = parameter.value, !value.isEmpty else { return [.withoutValue] }
        return Slip.kinds(of: value)
      }
      guard let value = parameter.value, !writtenIDs(in: value).isEmpty else { return [] }
      return [.notAParameter(String(parameter.text.prefix { $0 != "=" }))]
    }.map { slip($0) }
  }

  /// `ids=` of a module that has none: `options vfio ids=10de:1e87`.
  private func strayOptions(_ line: ModprobeLine) -> [String] {
    let isMeant =
      line.module.contains("vfio") || line.module.contains("stub")
      || suggestion(for: line.module, among: ["vfio_pci", "pci_stub"]) != nil
    guard isMeant else { return [] }
    return KernelParameter.all(line.arguments).filter { !ClaimedID.written(in: $0.value ?? "").isEmpty }
      .map { "\(line.module).\($0.name)" }
  }

  private static func meant(_ driver: String, _ ids: [ClaimedID]) -> String? {
    ids.isEmpty ? nil : "options \(driver) ids=\(Slip.list(ids))"
  }
}
