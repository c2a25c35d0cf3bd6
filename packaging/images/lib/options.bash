# shellcheck shell=bash disable=SC2034 # read by debian.bash
# What all Debian roots have in common, as options of mmdebstrap.

debian_options=(
    # /bin, /lib and the like are links into /usr from the first package on.
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr
    # A root that is being built is thrown away if anything fails: no need to flush each file.
    --dpkgopt=force-unsafe-io
    '--dpkgopt=path-exclude=/usr/share/man/*'
    '--dpkgopt=path-exclude=/usr/share/locale/*'
    '--dpkgopt=path-exclude=/usr/share/doc/*'
)
