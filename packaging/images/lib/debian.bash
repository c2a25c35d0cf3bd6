# shellcheck shell=bash
# Debian roots by mmdebstrap, for recipes. work, out, mirror and ui_name are packaging/image's.
# shellcheck disable=SC2154
# Nothing here decides what an image holds: this file is no part of an image's hash, options.bash is.

# need_tools TOOL[:PACKAGE]...: all of them, or one message that names the packages to install.
need_tools() {
    local tool missing=()
    for tool in "$@"; do
        PATH=$PATH:/usr/sbin:/sbin command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
    done
    ((${#missing[@]} == 0)) || fail "missing on this machine: ${missing[*]}" "packaging/install-deps"
}

# need_space FOLDER MIB
need_space() {
    local free
    free=$(($(df --output=avail -k "$1" | tail -n1) / 1024))
    ((free >= $2)) || fail "$1 has $free MiB free, $2 are needed" "free some, or set SPLITVMM_CACHE to another disk"
}

# debian_mirror SUITE: the mirror given by the user, else the first one in the host's own apt
# configuration that carries the suite. apt's own downloader asks, so its proxies and rules apply.
debian_mirror() {
    local suite=$1 site probe
    if [[ -n ${mirror:-} ]]; then
        printf '%s\n' "${mirror%/}"
        return
    fi
    # shellcheck disable=SC2016 # apt's own placeholders
    for site in $(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | awk '!seen[$0]++'); do
        [[ $site != *-security* ]] || continue
        probe=$work/probe
        if /usr/lib/apt/apt-helper download-file "${site%/}/dists/$suite/Release" "$probe" >/dev/null 2>&1 &&
            grep -q '^Origin: Debian' "$probe"; then
            printf '%s\n' "${site%/}"
            return
        fi
    done
    fail "none of this machine's apt sources carries Debian's $suite" \
        "give one: packaging/image $ui_name --mirror URL (or SPLITVMM_MIRROR=URL)"
}

# joined WORD...: the words with commas between, as mmdebstrap wants packages.
joined() {
    local IFS=,
    printf '%s\n' "$*"
}

debian_pid=''

# Ends a build that is under way; mmdebstrap then removes its temporary root.
stop_debian_root() {
    [[ -n $debian_pid ]] || return 0
    kill -TERM -- "-$debian_pid" 2>/dev/null || true
    wait "$debian_pid" 2>/dev/null || true
}

# debian_root SUITE LINES VARIANT SCRIPT OPTION...: runs mmdebstrap with the options and then SCRIPT
# with the folder of the new root. The root is temporary: what SCRIPT leaves in ROOT/mnt ends up in
# $out. This detour is what lets an ordinary user build: mmdebstrap then works in a user namespace
# that cannot see the user's own files. LINES is how long its log is known to be, for the bar.
debian_root() {
    local suite=$1 lines=$2 variant=$3 script=$4 site log=$work/log tmp=$work hook=customize status=0
    shift 4
    site=$(debian_mirror "$suite")
    if ((EUID != 0)); then
        tmp=${TMPDIR:-/var/tmp}
        grep -q "^$(id -un):" /etc/subuid 2>/dev/null ||
            fail "no subordinate user ids for $(id -un) in /etc/subuid" \
                "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un), or build as root"
    fi
    # Unpacked packages are all that this variant has; it stops before the later hooks.
    if [[ $variant == extract ]]; then hook=extract; fi
    say "Debian $suite from $site"
    # In a session of its own, so that stop_debian_root reaches all of its processes; and not in the
    # foreground, where bash would put off its traps until the end.
    TMPDIR=$tmp setsid mmdebstrap --mode=auto --verbose --format=null --variant="$variant" \
        "${debian_options[@]}" "$@" "--$hook-hook=$script" "--$hook-hook=copy-out /mnt $out" \
        "$suite" '' "$site" > >(ui_follow "$log" "$lines") 2>&1 </dev/null &
    debian_pid=$!
    wait "$debian_pid" || status=$?
    debian_pid=''
    if ((status)) || [[ -z $(ls "$out/mnt" 2>/dev/null) ]]; then
        # mmdebstrap's own commands and the fetching of packages say nothing about what went wrong.
        grep -v -e '^/usr/bin/dpkg --status-fd' -e '^Get:' "$log" | tail -n 25 | cut -c1-300 >&2
        fail "mmdebstrap failed (above: the end of its log)" \
            "check the network and the mirror ($site), then run the same command again; --mirror URL takes another"
    fi
    mv "$out"/mnt/* "$out"/
    rmdir "$out/mnt"
}
