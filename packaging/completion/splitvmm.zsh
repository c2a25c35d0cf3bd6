#compdef splitvmm
# zsh completion for splitvmm. The program itself knows its commands, options and machines.
local line="${(j: :)words[1,CURRENT-1]} $PREFIX"
local -a found
found=(${(f)"$(splitvmm "[suggest:${#line}]" "$line" 2>/dev/null)"})
if (( $#found )); then
    compadd -a found
else
    _files
fi
