import Host
import PCI

/// What `list` can say of a function by a few attributes; only `check` says assignable.
public enum Verdict: String, Sendable {
  case candidate
  /// Other functions must be in the set too, because of the group or the reset.
  case withOthers = "with-others"
  /// A bridge, a function of the chipset, or no group.
  case refused

  /// Nil if a fact that decides is unknown.
  public init?(of function: Function, in host: Host) {
    guard !function.classCode.isUnknown else { return nil }
    guard function.isEndpoint, ChipsetFunction(function, in: host) == nil else {
      self = .refused
      return
    }
    // Whether CXL memory is the host's System RAM only `check` can see.
    if function.classCode.value?.subclass == 0x0502, !function.isSetAside, !function.driver.isAbsent { return nil }
    switch function.iommuGroup {
    case .absent:
      self = .refused
      return
    case .unknown: return nil
    case .known(let number):
      let members = host.groups[number]?.functions ?? []
      let blocking = members.filter { $0 != function.address }.compactMap { host[$0] }.filter(GroupBlocked.blocks)
      // A group that holds the function whose driver makes this one can never be opened with it.
      if blocking.contains(where: { host.removed(with: [$0.address]).contains(function.address) }) {
        self = .refused
        return
      }
      if !host.movable(blocking.filter(\.isEndpoint), with: [function.address]).isEmpty {
        self = .withOthers
        return
      }
      if members.contains(where: { $0 != function.address && host[$0]?.driver.isUnknown ?? true }) { return nil }
    }
    let neighbours = host.functions(onBus: function.address.segment).contains {
      $0.address != function.address && $0.isEndpoint && $0.physicalFunction.value == nil
    }
    guard neighbours else {
      self = .candidate
      return
    }
    let isRootBus = host.isRootBus(function.address.segment)
    if isRootBus.value == true {
      // A root bus has no hot reset, so no other function would be reset.
      self = .candidate
      return
    }
    // Neighbours matter only if nothing narrower than the bus can be reset.
    switch function.kernelResetMethods {
    case .known(let words):
      if !ResetForecast.working(words, of: function, in: host).isEmpty {
        self = .candidate
        return
      }
    case .absent: break
    case .unknown:
      // The registers say it too, if they were read.
      guard function.isDetailed, let methods = ResetForecast(of: function, in: host).methods else { return nil }
      if !methods.isEmpty {
        self = .candidate
        return
      }
    }
    if isRootBus.isUnknown { return nil }
    self = .withOthers
  }
}
