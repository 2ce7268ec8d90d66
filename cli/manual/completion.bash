# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of PROGRAM for bash, made from the program's own declarations.

# _program_declared PATH: the verbs, flags, options and arguments of a command, for who calls it. Options
# have what they take behind them: FILE, CARD and READER are kinds, words with "|" between are all there
# are to choose from, anything else is free text.
# shellcheck disable=SC2034
_program_declared() {
    verbs='' flags='' options='' arguments=''
    case $1 in
    # DECLARED
    esac
}

# _program_words: the words up to the cursor, in $words. Bash breaks them at "=" and ":" as well.
_program_words() {
    local i word glue=''
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $i -gt 1 && ($glue || $word == [=:]*) ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        glue=''
        [[ $word != *[=:] ]] || glue=yes
    done
}

# _program_kind OPTION: what it takes; nothing for a flag.
_program_kind() {
    local option
    for option in $options; do
        if [[ ${option%%=*} == "$1" ]]; then
            echo "${option#*=}"
            return
        fi
    done
}

# _program_listed MEMBER: of all cards, one a line. Asks nothing of the cards and wants no rights.
_program_listed() {
    timeout 3 tpmvsc list --json 2>/dev/null </dev/null |
        sed -n 's/^ *"'"$1"'": "\(.*\)",\{0,1\}$/\1/; T; s/\\\(["\\/]\)/\1/g; p'
}

# _program_candidates KIND VALUE: what VALUE may become, one a line.
_program_candidates() {
    local kind=$1 value=$2 before='' choice
    case $kind in
    FILE) compgen -f -- "$value" ;;
    CARD) _program_listed name ;;
    READER) _program_listed reader ;;
    *'|'*)
        if [[ $value == file:* && $kind == *file:* ]]; then
            compgen -P file: -f -- "${value#file:}"
            return
        fi
        [[ $value != *,* ]] || before=${value%,*},
        while IFS= read -r -d '|' choice; do
            [[ ! $choice ]] || echo "$before$choice"
        done <<<"$kind|"
        ;;
    esac
}

# _program_reply VALUE PREFIX KIND: keeps what begins with VALUE of the candidates on standard input.
# PREFIX is what bash holds to be words of their own before it. Bash quotes the names of files itself.
_program_reply() {
    local candidate
    while IFS= read -r candidate; do
        [[ $candidate == "$1"* ]] || continue
        candidate=${candidate#"$2"}
        # A card's name may be anything, also what the shell would run.
        [[ $3 == FILE || $candidate != *[!A-Za-z0-9_.:=/@%+,-]* ]] || candidate=$(printf '%q' "$candidate")
        COMPREPLY+=("$candidate")
    done
}

_program() {
    local verbs flags options arguments word path='' kind='' current broken='' files='' option
    local -a words places
    local place=0
    COMPREPLY=()
    _program_words
    _program_declared ''
    current=${words[-1]}
    for word in "${words[@]:1:${#words[@]}-2}"; do
        if [[ $kind ]]; then
            kind='' # it was this option's value
        elif [[ $word == -* ]]; then
            kind=$(_program_kind "$word")
        elif [[ " $verbs " == *" $word "* ]]; then
            path+=${path:+ }$word
            _program_declared "$path"
        else
            place=$((place + 1))
        fi
    done
    # What bash has broken off stays as it is.
    word=${COMP_WORDS[COMP_CWORD]}
    [[ $word != [=:] ]] || word=''
    broken=${current%"$word"}
    if [[ ! $kind && $current == --*=* ]]; then
        kind=$(_program_kind "${current%%=*}")
        broken=${broken#"${current%%=*}="}
        current=${current#*=}
    elif [[ ! $kind && $current == -* ]]; then
        for option in $options; do
            flags+=" ${option%%=*}"
        done
        kind=${flags// /|}
    elif [[ ! $kind && $verbs ]]; then
        kind=${verbs// /|}\|
    elif [[ ! $kind ]]; then
        read -ra places <<<"$arguments"
        kind=${places[place]:-}
    fi
    [[ $current != file:* || $kind != *file:* ]] || files=FILE
    [[ $kind != FILE ]] || files=FILE
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null || true # which only a completion may say
    fi
    _program_reply "$current" "$broken" "$files" < <(_program_candidates "$kind" "$current")
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]]; then
        compopt -o nospace 2>/dev/null || true
    fi
}

complete -F _program PROGRAM
