#!/bin/sh
# Sourced about twice a second while a device that the boot needs is missing. After 60 seconds it may be one that a pin
# took: all are given back to the host.
if [ ! -e /run/hostdev/no-root ]; then
    read -r hostdev_now _ </proc/uptime
    hostdev_now=${hostdev_now%%.*}
    : "${hostdev_since:=$hostdev_now}"
    if [ "$((hostdev_now - hostdev_since))" -ge 60 ]; then
        mkdir -p /run/hostdev
        : >/run/hostdev/no-root
        /usr/sbin/hostdev apply --no-root --timeout 20 >/dev/null 2>/dev/kmsg || :
    fi
fi
