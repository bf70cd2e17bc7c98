"""The tools that are compared: how each gives a function to VFIO and takes it back, as its own manual has it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Peer:
    """Lines of shell; `{function}` is the address, `{node}` libvirt's name for it, `{home}` the driver of the host."""

    name: str
    version: str
    bind: str
    back: str
    recover: str = ""  # what its manual says for a run that was cut short; else `back`
    daemon: str = ""  # who writes for it, if that is another process than the one that was typed
    ready: str = ":"  # it answers nothing until this succeeds

    def line(self, text: str, function: str, home: str | None) -> str:
        return text.format(function=function, home=home, node="pci_" + function.replace(":", "_").replace(".", "_"))


def _package(name: str) -> str:
    return f"dpkg-query -W -f '${{Version}}' {name}"


PEERS = (
    Peer("hostdev", "hostdev --version", "hostdev bind {function}", "hostdev release {function}", "hostdev recover"),
    Peer("driverctl", _package("driverctl"), "driverctl set-override {function} vfio-pci",
         "driverctl unset-override {function}"),
    Peer("dpdk-devbind", _package("dpdk"), "dpdk-devbind.py -b vfio-pci {function}", "dpdk-devbind.py -b {home} {function}"),
    Peer("virsh", _package("libvirt-daemon"), "virsh nodedev-detach {node}", "virsh nodedev-reattach {node}",
         daemon="libvirtd", ready="systemctl start libvirtd && virsh version >/dev/null 2>&1"),
)
