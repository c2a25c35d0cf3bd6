# bash completion for splitvmm. The program itself knows its commands, options and machines.
_splitvmm() {
    local word=${COMP_WORDS[COMP_CWORD]} found
    found=$(splitvmm "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null) || return
    mapfile -t COMPREPLY < <(compgen -W "$found" -- "$word")
}
complete -o bashdefault -o default -F _splitvmm splitvmm
