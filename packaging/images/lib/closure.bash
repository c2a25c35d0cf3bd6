# shellcheck shell=bash
# Programs with all the libraries they load, for the scripts that run inside a Debian root being built.

# copy_closure ROOT STAGE FILE...: copies the ELF files and, as the root's own dynamic linker resolves
# them, all the libraries they need to ROOT/STAGE. Links in the paths are resolved: a library
# arrives under the name that programs ask for.
copy_closure() {
    local root=$1 stage=$2 file
    shift 2
    {
        printf '%s\n' "$@" /usr/lib64/ld-linux-x86-64.so.2
        for file in "$@"; do
            chroot "$root" /lib64/ld-linux-x86-64.so.2 --list "$file" | awk '$2 == "=>" { print $3 }'
        done
    } | sed 's,^/lib/,/usr/lib/,' | sort -u | while read -r file; do
        mkdir -p "$root$stage$(dirname "$file")"
        cp -L "$root$file" "$root$stage$file"
    done
}
