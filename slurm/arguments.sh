# shellcheck shell=bash disable=SC2034  # what is set is for who reads this file
# The arguments of slurm/array.sh and slurm/scaling.sh, which source this file:
#
#     NAME.sh NUMBER [sbatch options] -- INPUT OUT [render options]
#
# Sets number, options (of sbatch), input, out, drawing (options of render) and render, the
# path of slurm/render.sh. `check` then finds what is wrong before a job waits in a queue.
fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 2
}

# take_arguments WHAT_NUMBER_IS "$@"
take_arguments() {
    local what=$1 usage
    usage="slurm/$(basename "$0") N [sbatch options] -- INPUT OUT [render options]"
    shift
    case ${1:-} in '' | *[!0-9]* | 0*) fail "give $what first: $usage" ;; esac
    number=$1 options=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    [ "${1:-}" = -- ] || fail "put -- between the sbatch options and INPUT: $usage"
    shift
    [ $# -ge 2 ] || fail "give INPUT and OUT: $usage"
    input=$1 out=$2
    shift 2
    drawing=("$@")
    render=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/render.sh
}

# Warns of a time limit that is too short, too.
check() {
    local limit=${SBATCH_TIMELIMIT:-} word before=''
    for word in "${options[@]}"; do
        case $before in -t | --time) limit=$word ;; esac
        case $word in
            --time=*) limit=${word#--time=} ;;
            -t?*) limit=${word#-t} ;;
        esac
        before=$word
    done
    SBATCH_TIMELIMIT=$limit "$render" "$input" "$out" "${drawing[@]}" | sed '/: all is there: /d; /: for one task /d' >&2
}
