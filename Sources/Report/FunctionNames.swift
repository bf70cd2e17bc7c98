/// Names of one function, as `pci.ids` has them; nil where it does not.
public struct FunctionNames: Sendable, Equatable {
  public var vendor: String?
  public var device: String?
  public var subsystem: String?
  public var classCode: String?

  public init(vendor: String? = nil, device: String? = nil, subsystem: String? = nil, classCode: String? = nil) {
    self.vendor = vendor
    self.device = device
    self.subsystem = subsystem
    self.classCode = classCode
  }
}
