import Checks
import Host
import Operations
import PCI
import Pins

extension Rendering {
  /// What `pins` says.
  public init(_ list: PinStatusList, as format: Format) {
    self.init()
    if format.isJSON {
      json { json in
        json.key("pins")
        json.array { json in for pin in list.pins { json.object { pin.write(to: &$0) } } }
        if let error = list.errors.first { error.write(to: &json) }
      }
    } else {
      var table = Table(header: ["PIN", "DECLARED", "NOW", "DRIVER", "WANTED", "STATE"])
      for pin in list.pins { for row in pin.rows { table.row(row.map(printable)) } }
      if !table.isEmpty { text(table.text(format.style)) }
      if list.pins.isEmpty, list.errors.isEmpty { text("nothing is pinned\n") }
      text(FindingsText(format: format).text(list.pins.compactMap(\.finding)))
    }
    for error in list.errors { progress(error) }
  }
}

extension PinStatus {
  fileprivate var rows: [[String]] {
    if let declared = pin.virtuals { return virtualRows(declared) }
    return pin.functions.indices.map { place in
      let now = functions.indices.contains(place) ? functions[place] : nil
      let driver = now?.driver.text { $0 } ?? "-"
      let target = wanted.indices.contains(place) ? wanted[place] : pin.driver
      return [
        pin.name, "\(pin.functions[place].address)", now.map { "\($0.address)" } ?? "-", driver, target,
        state(now, target),
      ]
    }
  }

  private func virtualRows(_ declared: PinnedVirtuals) -> [[String]] {
    let now = functions.first
    let place = resolution.status == .inPlace ? "" : " (\(resolution.reason))"
    let state = now == nil ? "\(resolution.status.rawValue): \(resolution.reason)" : virtuals?.trouble
    return [
      [
        pin.name, pin.functions.first.map { "\($0.address)" } ?? "-", now.map { "\($0.address)" } ?? "-",
        now?.driver.text { $0 } ?? "-", VirtualFunctionsStatus.words(declared),
        (state ?? "in place") + (now == nil ? "" : place),
      ]
    ]
      + (virtuals?.functions ?? []).map { one in
        [
          pin.name, "VF \(one.index)", one.function.map { "\($0.address)" } ?? "-",
          one.function?.driver.text { $0 } ?? "-", one.wanted ?? "-", one.trouble ?? "in place",
        ]
      }
  }

  private func state(_ now: Function?, _ target: String) -> String {
    guard let now else { return "\(resolution.status.rawValue): \(resolution.reason)" }
    let place = resolution.status == .inPlace ? "" : " (\(resolution.reason))"
    if now.driver.isUnknown { return "its driver could not be read" + place }
    return now.driver.value == target ? "in place" + place : "not on \(target)" + place
  }
}
