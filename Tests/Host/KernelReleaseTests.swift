import Host
import Testing

@Suite struct KernelReleaseTests {
  @Test(arguments: [
    ("6.1.0-9-amd64", "6.1.0-28-amd64"), ("6.9.10", "6.12.1"), ("6.12.1", "6.13.0"),
    ("5.14.0-70.el9", "5.14.0-162.el9"),
    ("6.1", "6.1.1"), ("6.1.0-28-amd64", "6.1.0-28-cloud"),
  ]) func olderIsLess(older: String, newer: String) {
    #expect(KernelRelease(older) < KernelRelease(newer) && !(KernelRelease(newer) < KernelRelease(older)))
  }

  @Test func oneIsNotLessThanItself() { #expect(!(KernelRelease("6.1.0-28-amd64") < KernelRelease("6.1.0-28-amd64"))) }
}
