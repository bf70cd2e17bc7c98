#!/bin/bash
# Puts hostdev, its libraries, the pins, VFIO's modules and a record of what this host uses into the image: see
# hostdev(8).

# called by dracut
check() {
    # Not into the image of the kernel that writes the dump after a crash, which needs every device itself: kexec-tools'
    # mkdumprd says so by IN_KDUMP, SUSE's by the module that it adds.
    [ -z "${IN_KDUMP:-}" ] || return 1
    # shellcheck disable=SC2154 # dracut's
    case " ${add_dracutmodules:-} ${force_add_dracutmodules:-} " in
        *' kdump '* | *' kdumpbase '*) return 1 ;;
    esac
    require_binaries /usr/sbin/hostdev || return 1
    # Without a pin an image needs nothing of it.
    compgen -G '/etc/hostdev/pins.d/*.json' >/dev/null && return 0
    return 255
}

# called by dracut
depends() {
    return 0
}

# called by dracut
installkernel() {
    # VFIO with every variant driver that this kernel has, and the driver that does nothing.
    hostonly='' instmods '=drivers/vfio' pci_stub
}

# called by dracut
install() {
    inst_multiple /usr/sbin/hostdev modprobe
    # shellcheck disable=SC2154 # dracut's
    # A new kernel must not fail on a pin: what this image does not do, hostdev.service does.
    /usr/sbin/hostdev image "$initdir" >/dev/null ||
        dwarn 'hostdev: the pins did not get into the image; see: hostdev pins'
    # shellcheck disable=SC2154 # dracut's
    {
        # The first of all hooks, since those that read the command line load modules too, as for rd.driver.pre=.
        inst_hook cmdline 01 "$moddir/hostdev-early.sh"
        inst_hook initqueue/settled 99 "$moddir/hostdev-no-root.sh"
        inst_hook emergency 01 "$moddir/hostdev-emergency.sh"
        # Without it dracut skips the loop that waits for the root device.
        dracut_need_initqueue
    }
}
