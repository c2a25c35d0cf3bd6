"""The lab: a Debian virtual machine under QEMU's TCG whose own KVM runs Linux guests.

packaging/lab is the command; the modules here are what it is made of:

    machine   the QEMU command line
    qmp       QEMU's control socket
    login     running things inside by ssh
    start     the cold boot that makes the snapshot, and the quick start from it
    state     the folder of a running lab, its lock, its end
    job       what a `lab run` does inside: files in, the program, files out
    cli       arguments and messages
"""
