import TestSupport
import Testing

@testable import Settings

@Suite("Which devices the host is told to use")
struct StorageSettingsTests {
  private func read(_ files: [String: String], barred: Set<String> = []) -> StorageSettings {
    StorageSettings(reading: Written(files, barred: barred))
  }

  private func lines(_ files: [String: String]) -> [String] {
    read(files).entries.map { "\($0.origin) \($0.device) \($0.what) \($0.place)\($0.isOnDemand ? " on demand" : "")" }
  }

  @Test("each kind of file, with the line that says so")
  func kinds() {
    #expect(
      lines([
        "/etc/fstab":
          "# x\nuuid=AA / ext4 defaults 0 1\nLABEL=\"a\\040b\" none swap sw\nID=x /y xfs noauto,logdev=/dev/sdb1\nshort\n",
        "/etc/crypttab": "home UUID=bb /key:LABEL=stick luks,header=/dev/sdc\n",
        "/etc/mdadm/mdadm.conf": "ARRAY <ignore> UUID=0\nARRAY /dev/md0 UUID=01234567:89abcdef:01234567:89abcdef\n",
        "/etc/initramfs-tools/conf.d/resume": "RESUME=none\nRESUME=UUID=cc\n",
        "/proc/cmdline": "quiet root=/dev/sda2 rd.luks.uuid=luks-DD cryptopts=target=x,source=LABEL=l\n",
      ]) == [
        "fstab UUID=aa / /etc/fstab:2", "fstab LABEL=a b swap /etc/fstab:3",
        "fstab /dev/disk/by-id/x /y /etc/fstab:4 on demand", "fstab /dev/sdb1 /y /etc/fstab:4 on demand",
        "crypttab UUID=bb home in crypttab /etc/crypttab:1", "crypttab /dev/sdc home in crypttab /etc/crypttab:1",
        "crypttab LABEL=stick key of home in crypttab /etc/crypttab:1",
        "array ARRAY=0123456789abcdef0123456789abcdef array /dev/md0 /etc/mdadm/mdadm.conf:2",
        "resume UUID=cc RESUME=UUID=cc /etc/initramfs-tools/conf.d/resume:2",
        "kernelArgument /dev/sda2 root=/dev/sda2 /proc/cmdline",
        "kernelArgument UUID=dd rd.luks.uuid=luks-DD /proc/cmdline",
        "kernelArgument LABEL=l cryptopts=target=x,source=LABEL=l /proc/cmdline",
      ])
  }

  @Test("lines that end as on Windows are lines")
  func carriageReturns() {
    #expect(lines(["/etc/fstab": "UUID=aa / ext4\r\nUUID=bb /srv ext4\r\n"]).map { $0.suffix(1) } == ["1", "2"])
  }

  @Test("what may not be read is not nothing")
  func unread() {
    let found = read(["/etc/fstab": ""], barred: ["/etc/fstab", "/etc/initramfs-tools/conf.d"])
    #expect(found.unread.map(\.description) == ["/etc/fstab: EACCES", "/etc/initramfs-tools/conf.d: EACCES"])
  }
}
