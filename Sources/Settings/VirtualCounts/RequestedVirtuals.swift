import Host
import PCI

/// A number of virtual functions that a tool gives one physical function.
public struct RequestedVirtuals: Sendable, Equatable {
  public let tool: VirtualCount.Tool
  public let physical: Address
  /// Nil if it is not a number that can be read off the file.
  public let count: Int?
  public let source: SourceLine
  /// Of a udev rule that goes on in the next lines, its end.
  public let lastLine: Int?
  /// False: whether it is for this function could not be told.
  public let isCertain: Bool

  public init(_ count: VirtualCount, of physical: Address, isCertain: Bool) {
    self.init(count.tool, count.count, of: physical, source: count.source, lastLine: nil, isCertain: isCertain)
  }

  public init(
    _ tool: VirtualCount.Tool, _ count: Int?, of physical: Address, source: SourceLine, lastLine: Int?, isCertain: Bool
  ) {
    self.tool = tool
    self.physical = physical
    self.count = count
    self.source = source
    self.lastLine = lastLine
    self.isCertain = isCertain
  }
}
