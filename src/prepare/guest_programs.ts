// Constant scripts for busybox's sh that run in the machine that prepares an image. Variable parts
// are arguments; nothing is ever interpolated.
//
//   /base      the image that it starts from, as it is
//   /scratch   the disk that is written to
//   /new       the root that becomes the image: both of them, one over the other

/** Mounts everything. Arguments: the type of the base, or several to try. */
export const MOUNT = `
set -e
mkdir -p /base /scratch /new
mounted=
for type; do mount -t "$type" -o ro /dev/vda /base 2>/dev/null && mounted=yes && break; done
if [ -z "$mounted" ]; then echo 'the root cannot be mounted' >&2; exit 1; fi
mount -t ext4 -o noatime,noinit_itable /dev/vdb /scratch
mount -t overlay -o lowerdir=/base,upperdir=/scratch/upper,workdir=/scratch/work,redirect_dir=off,metacopy=off,index=off overlay /new
for folder in proc sys dev run; do
  if [ -L "/new/$folder" ]; then echo "its /$folder is a link" >&2; exit 1; fi
  mkdir -p "/new/$folder"
done
[ -e /new/tmp ] || mkdir -m 1777 /new/tmp
mount -t proc proc /new/proc
mount -t sysfs sysfs /new/sys
mount --rbind /dev /new/dev
mount -t tmpfs -o mode=755 tmpfs /new/run
mkdir /new/run/execvm
cp /execvm/busybox /new/run/execvm/busybox
`;

/**
 * Makes a file system from the image. The program arrives as a tar on stdin, with its libraries,
 * and runs in a separate root, which has the image at /base. Arguments: its argv.
 */
export const CONVERT = `
set -e
mkdir -p /tool
tar -x -C /tool
mkdir -p /tool/base /tool/dev /tool/proc
mount -t squashfs -o ro /dev/vda /tool/base
mount --bind /dev /tool/dev
LD_LIBRARY_PATH=$TOOL_LIBRARIES chroot /tool "$@"
sync
`;

/** Configures name resolution, and keeps the root's own configuration. */
export const RESOLVE = `
set -e
cd /scratch
if [ -e /new/etc/resolv.conf ] || [ -L /new/etc/resolv.conf ]; then
  cp -a /new/etc/resolv.conf kept
  rm /new/etc/resolv.conf
fi
mkdir -p /new/etc
cp /etc/resolv.conf /new/etc/resolv.conf
`;

/** Prints the package manager of the root. */
export const FIND_MANAGER = `
for name in apt-get apk dnf; do
  for folder in usr/bin bin usr/sbin sbin; do
    if [ -e "/new/$folder/$name" ]; then echo "$name"; exit; fi
  done
done
`;

/** Removes the caches of package managers. */
export const CLEAN = `
rm -rf /new/var/lib/apt/lists/* /new/var/cache/apt/archives/*.deb /new/var/cache/apt/*.bin
rm -rf /new/var/cache/apk/* /new/var/cache/dnf
`;

/** Unpacks the tar of wheels and mounts it read-only in the root. */
export const LEND_WHEELS = `
set -e
mkdir /scratch/wheels /new/run/execvm/wheels
tar -x -C /scratch/wheels
mount --bind /scratch/wheels /new/run/execvm/wheels
mount -o remount,bind,ro /new/run/execvm/wheels
`;

/** The path of the wheels in the root. */
export const WHEELS = "/run/execvm/wheels";

/** A busybox in the root, while it is prepared. */
export const BUSYBOX = "/run/execvm/busybox";

/** Cleans the root up: ends all processes that use it, and unmounts everything below it. */
export const FINISH = `
for target in wheels; do umount "/new/run/execvm/$target" 2>/dev/null; done
umount -l /new/run /new/dev /new/sys /new/proc || exit 1
if [ -e /scratch/kept ] || [ -L /scratch/kept ]; then
  rm -f /new/etc/resolv.conf
  cp -a /scratch/kept /new/etc/resolv.conf
elif [ "$1" = resolved ]; then
  rm -f /new/etc/resolv.conf
fi
rmdir /new/workspace 2>/dev/null
exit 0
`;

/**
 * Prints the root as a tar: with its own GNU tar, which supports extended attributes, else with
 * busybox's.
 */
export const PACK = `
if chroot /new tar --version 2>/dev/null | grep -q 'GNU tar'; then
  exec chroot /new tar --create --file=- --sort=name --numeric-owner --format=posix \\
    --pax-option=delete=atime,delete=ctime --xattrs --xattrs-include='*' --directory=/ \\
    --warning=no-file-ignored .
fi
exec tar -c -f - -C /new .
`;
