import System

/// What libFuzzer calls with every input; the target is named by `HOSTDEV_FUZZ_TARGET`.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

private let target = Environment.value("HOSTDEV_FUZZ_TARGET").flatMap { FuzzTarget(rawValue: $0) }
