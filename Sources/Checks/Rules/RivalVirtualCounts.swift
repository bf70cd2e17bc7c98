import Host
import PCI
import Settings

/// Do two tools give a physical function different numbers of virtual ones?
enum RivalVirtualCounts {
  static func findings(on examination: Examination) -> [Finding] {
    let requests = examination.virtualRequests + examination.udevVirtualRequests
    var found: [Finding] = []
    for request in requests {
      found += examination.pins.compactMap { own($0, against: request) }
    }
    let pinned = Set(examination.pins.compactMap(\.virtuals?.physical))
    let others = Dictionary(
      grouping: requests.filter { $0.isCertain && $0.count != nil && !pinned.contains($0.physical) }, by: \.physical)
    for (function, requests) in others where Set(requests.map(\.count)).count > 1 {
      found.append(quarrel(function, requests))
    }
    return found
  }

  /// A pin against another tool; nil if they get on with each other.
  private static func own(_ pin: DeclaredPin, against request: RequestedVirtuals) -> Finding? {
    if let virtuals = pin.virtuals, virtuals.physical == request.physical {
      if request.tool == .pool {
        guard virtuals.isBound, request.isCertain else { return nil }
        return finding(
          pin, request,
          saying:
            "\(request.physical): \(request.tool.rawValue) hands out its virtual functions and gives each back to the host as its guest stops. Pin \(pin.name) keeps them on \(pin.driver)."
        )
      }
      if request.count == virtuals.count { return nil }
      guard let count = request.count else {
        return finding(
          pin, request,
          saying:
            "\(request.physical): pin \(pin.name) gives it \(counted(virtuals.count, "virtual function")). How many \(request.tool.rawValue) gives it could not be read."
        )
      }
      return finding(
        pin, request,
        saying:
          "\(request.physical): \(request.tool.rawValue) gives it \(counted(count, "virtual function")), pin \(pin.name) \(virtuals.count). The one that runs last gets EBUSY: the kernel changes a non-zero number only by first setting it to 0, which removes every one."
      )
    }
    guard pin.functions.contains(request.physical), request.tool != .pool, request.count != 0 else { return nil }
    return finding(
      pin, request,
      saying:
        "\(request.physical): \(request.tool.rawValue) gives it virtual functions, and pin \(pin.name) takes it to \(pin.driver), which refuses a function that has any."
    )
  }

  private static func finding(
    _ pin: DeclaredPin, _ request: RequestedVirtuals, saying message: String
  ) -> Finding {
    Finding(
      .rivalTools, request.isCertain && (request.count != nil || request.tool == .pool) ? .warning : .unknown,
      on: [request.physical],
      message: request.isCertain
        ? message : "\(message) Whether that setting is for this function could not be determined.",
      evidence: [
        Finding.Evidence(value: "\(pin.file): pin \(pin.name)"),
        Finding.Evidence(request.source),
      ],
      remedy: "To leave it to hostdev: \(request.withdrawal)")
  }

  private static func quarrel(_ function: Address, _ requests: [RequestedVirtuals]) -> Finding {
    let wishes = requests.map { "\($0.tool.rawValue) \($0.count ?? 0)" }.joined(separator: ", ")
    return Finding(
      .rivalTools, .warning, on: [function],
      message:
        "\(function): different numbers of virtual functions: \(wishes). The one that runs last gets EBUSY: the kernel changes a non-zero number only by first setting it to 0.",
      evidence: requests.map { Finding.Evidence($0.source) },
      remedy: "Keep one of them. These remove them: \(requests.map(\.withdrawal).joined(separator: "; "))")
  }
}

extension RequestedVirtuals {
  /// Of a line that stands alone it makes a comment; of any other the file is opened at it.
  fileprivate var withdrawal: String {
    switch tool {
    case .udev: ShellCommand.withdrawRule(source, through: lastLine ?? source.line ?? 1)
    case .sysfsutils, .tmpfiles, .script, .modprobe: ShellCommand.commentOut(source)
    case .netplan, .link, .networkManager, .tuned, .unit, .pool:
      "\"${EDITOR:-vi}\" +\(source.line ?? 1) \(ShellWord.quoted(source.file))"
    }
  }
}

extension Examination {
  /// Numbers that udev's rules write.
  fileprivate var udevVirtualRequests: [RequestedVirtuals] {
    udevReadings.compactMap { reading in
      guard case .virtuals(let count) = reading.kind, let function = reading.function else { return nil }
      let number: Int? =
        switch count {
        case .number(let number): number
        case .all: virtualsToCome.first { $0.physical == function }?.total
        case .unclear: nil
        }
      return RequestedVirtuals(
        .udev, number, of: function, source: reading.rule.source, lastLine: reading.rule.lastLine,
        isCertain: reading.isCertain)
    }
  }
}
