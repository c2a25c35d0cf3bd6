# shellcheck shell=bash
# What a person sees while an image is built: one line per step, and a bar on a terminal.
# Everything goes to standard error; standard output belongs to results.

ui_name=''

ui_begin() {
    ui_name=$1
    SECONDS=0
}

ui_clear() {
    if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
}

ui_end() {
    ui_clear
}

say() {
    ui_clear
    printf '%s%s\n' "${ui_name:+[$ui_name ${SECONDS}s] }" "$1" >&2
}

# fail WHAT REMEDY: one line that says what is wrong, one that says what to do.
fail() {
    ui_clear
    printf 'packaging/image: error: %s\n' "$1" >&2
    [[ -z ${2:-} ]] || printf '  remedy: %s\n' "$2" >&2
    exit 1
}

# ui_bar PERCENT TEXT: redraws the bar. Off a terminal it prints a line for each further tenth.
ui_bar_tenth=-1
ui_bar() {
    local percent=$1 text=$2 width=30 filled
    if [[ -t 2 ]]; then
        filled=$((percent * width / 100))
        printf '\r\033[K[%s] %3d%% [%s%s] %.50s' "$ui_name" "$percent" \
            "$(printf '%*s' "$filled" '' | tr ' ' '#')" "$(printf '%*s' $((width - filled)) '')" "$text" >&2
    elif ((percent / 10 != ui_bar_tenth)); then
        ui_bar_tenth=$((percent / 10))
        say "$percent% $text"
    fi
}

# ui_follow LOG LINES: copies standard input to LOG and draws a bar; LINES is how many lines a whole
# build is known to print, which is as good a measure of progress as package managers give.
ui_follow() {
    local log=$1 lines=$2 count=0 line text='starting' percent package
    ui_bar_tenth=-1
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        count=$((count + 1))
        case $line in
            "I: "*) text=${line#I: } ;;
            "Get:"*) read -r _ _ _ _ package _ <<<"$line" && text="fetching $package" ;;
            "Unpacking "* | "Setting up "* | "Selecting "*) text=$line ;;
            "image: "*) text=${line#image: } ;;
        esac
        percent=$((count * 100 / lines))
        if ((percent > 99)); then percent=99; fi
        if ((count % 5 == 0)) || [[ $line == "I: "* || $line == "image: "* ]]; then ui_bar "$percent" "$text"; fi
    done
    ui_clear
}
