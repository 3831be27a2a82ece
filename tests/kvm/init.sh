#!/bin/sh
# The first process of the outer guest: loads KVM, runs one command from the second disk, reports
# its status and powers the machine off. ttyS0 is the console, ttyS1 has the command's output, ttyS2
# its status.

export PATH=/work/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm /work
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t ext4 /dev/vdb /work
hostname outer
ip link set lo up
modprobe -a kvm_amd qemu_fw_cfg
chgrp kvm /dev/kvm
chmod 0660 /dev/kvm
stty -F /dev/ttyS1 raw
stty -F /dev/ttyS2 raw

export HOME=/root LANG=C.UTF-8 TERM=dumb NO_COLOR=1 CI=true
export DENO_DIR=/work/deno-dir EXECVM_CACHE=/work/cache
cd /work/checkout || exit
{
  xargs -0 -a /sys/firmware/qemu_fw_cfg/by_name/opt/execvm/argv/raw env
  echo $? >/run/status
} 2>&1 </dev/null | cat >/dev/ttyS1
cat /run/status >/dev/ttyS2
sync
echo o >/proc/sysrq-trigger
sleep 1000
