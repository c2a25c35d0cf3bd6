# shellcheck shell=bash disable=SC2154 # run by packaging/image
# The lab: a Debian machine whose own KVM runs Linux, with udmabuf, vgem, X, D-Bus and systemd.
#
#   disk.qcow2   its disk, never written to: packaging/lab puts an overlay on it
#   vmlinux      its kernel, and the small RAM disk that mounts the disk
#   initrd.cpio
#   qemu/        the emulator to run it with: programs, their libraries, firmware
#   key          the ssh key that packaging/lab logs in with, made for this build
#   known_hosts  the lab's host key, under the name splitvmm-lab

build() {
    local packages
    mapfile -t packages < <(sed 's/#.*//; s/[[:space:]]*$//; /^$/d' "$recipe/packages")
    ssh-keygen -q -t ed25519 -N '' -C splitvmm-lab -f "$out/key"
    debian_root trixie 3440 minbase "$recipe/assemble" \
        --setup-hook="$recipe/sources" \
        --customize-hook="upload $out/key.pub /root/.ssh/authorized_keys" \
        --include="$(joined "${packages[@]}")"
    rm "$out/key.pub"
}
