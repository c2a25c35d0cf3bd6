# shellcheck shell=bash
# Kernels and small initial RAM disks, for the scripts that run inside a Debian root being built.

# vmlinux_of BZIMAGE OUT: takes the ELF kernel out of a bzImage by the boot protocol's payload fields
# (Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, payload_offset at 0x248, payload_length at
# 0x24c). Doing it here spares each boot the decompression, some 800 million instructions.
vmlinux_of() {
    local image=$1 to=$2 sects offset length
    sects=$(od -An -tu1 -j $((0x1f1)) -N1 "$image")
    offset=$(od -An -tu4 -j $((0x248)) -N4 "$image")
    length=$(od -An -tu4 -j $((0x24c)) -N4 "$image")
    ((sects != 0)) || sects=4
    # The last four bytes of the payload are its unpacked size, no part of the zstd frame.
    head -c $(((sects + 1) * 512 + offset + length - 4)) "$image" | tail -c $((length - 4)) | zstd -dcq >"$to"
    [[ $(head -c 4 "$to" | od -An -tx1 | tr -d ' ') == 7f454c46 ]] || {
        echo "E: no ELF kernel in $image" >&2
        return 1
    }
}

# install_modules ROOT STAGE MODULE...: copies modules with all that they need, unpacked, to
# ROOT/STAGE and indexes them for modprobe. Names that are built into this kernel are passed over.
install_modules() {
    local root=$1 stage=$2 version file
    shift 2
    version=$(basename "$root"/usr/lib/modules/*)
    mkdir -p "$root/$stage/lib/modules/$version"
    cp "$root/usr/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$root/$stage/lib/modules/$version/"
    chroot "$root" /usr/sbin/depmod "$version"
    chroot "$root" /usr/sbin/modprobe --set-version "$version" --show-depends --all "$@" |
        awk '$1 == "insmod" { print $2 }' | sort -u | while read -r file; do
        mkdir -p "$root/$stage/$(dirname "$file")"
        # In a merged-/usr root /lib is a link, so the path is good below /usr as well.
        xz -dc "$root/usr$file" >"$root/$stage${file%.xz}"
    done
    chroot "$root" /usr/sbin/depmod -b "$stage" "$version"
}

# pack_initrd TREE OUT: a raw newc archive. All files belong to root and carry one date, so that the
# same packages give the same bytes. (Packed tighter it would only take longer to unpack.)
pack_initrd() {
    (
        cd "$1" || exit
        find . -exec touch -h -d @0 {} +
        find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0
    ) >"$2"
}
