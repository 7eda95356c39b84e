#!/usr/bin/env bash
# Draws the recordings of INPUT into OUT on a cluster:
#
#     sbatch [sbatch options] slurm/render.sh INPUT OUT [render options]
#
# Nothing has to be edited: sbatch options overrule the #SBATCH lines below, and the rest
# is said by variables (ECGMPI_IMAGE=... sbatch ...). Started without sbatch, on a login
# node, it only checks that all is there.
#
# How large
#   --nodes=4 --cpus-per-task=32   four nodes, one rank each, 32 workers a rank. One rank a
#                                  node, or --ntasks-per-node=2 for one a socket; workers
#                                  are what draws, so give a rank all the cores it can have.
#   --mem-per-cpu=1G               150 MB a worker are enough for recordings of 10 s.
#   --time=04:00:00                any: at its end the job drains, queues itself again and
#                                  goes on. `ecgmpi render ... --dry-run` says how much
#                                  there is; a core draws 20 to 40 recordings a second.
#
# To stop it
#   scancel JOB                    finishes what is in hand, and is not queued again; the same
#                                  sbatch line goes on where it stopped. Slurm gives it
#                                  KillWait seconds (30) for that; ecgmpi takes 10 at most.
#   scancel --batch --signal=USR2 JOB    the same, where Slurm is to give it all the time
#
# Variables
#   ECGMPI_IMAGE     the image (default: ecgmpi.sif in the folder sbatch was called in, or
#                    at home), or none: ecgmpi from the PATH, of a virtual environment
#   ECGMPI_MPI       how srun starts ranks: pmi2, pmix, ... (default: what the image's MPI
#                    needs; `srun --mpi=list` shows what there is)
#   ECGMPI_BIND      further folders that the image must see: /data,/scratch
#   ECGMPI_SCRATCH   a folder on each node for temporary files (default: the node's own)
#   ECGMPI_UNPACK    no: run the image as it is. By default it is unpacked on each node, 530 MB
#                    in that folder, for as long as the job runs: it starts faster, and
#                    a plain scancel does not take it away from under the ranks
#   ECGMPI_ATTEMPTS  how often the job may be started, the first included (default: 50)
#   ECGMPI_PARTS, ECGMPI_MERGE    set by slurm/array.sh
#   APPTAINER        apptainer or singularity (default: whichever is found)
#
#SBATCH --job-name=ecgmpi
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --mem-per-cpu=1G
#SBATCH --time=04:00:00
#SBATCH --output=ecgmpi-%j.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
set -o pipefail

# The first thing of all: Slurm may send it up to a minute early, and it would kill the shell.
received='' interrupted=''
# shellcheck disable=SC2317  # it is called by the traps
note() {
    # TERM comes to the ranks by itself, from Slurm.
    if [ "$1" != TERM ] && [ "${received#USR}" = "$received" ]; then
        say "$1: the ranks finish what is in hand"
        drain &
    fi
    received=$1 interrupted=yes
}
# Not by srun: that signals every process of the step, and Apptainer's own, among them the one
# that holds an image up for all others, would end at it. Rank 0 is on this node, and tells
# the others; once, when it listens (the tenth bit of SigCgt is SIGUSR1), which may be a while
# from now: the image may not be unpacked yet.
# shellcheck disable=SC2317
drain() {
    local rank caught told=' '
    while kill -0 $$ 2>/dev/null; do
        for rank in $(pgrep -u "$(id -u)" -f 'python[0-9.]* .*(/|-m )ecgmpi (render|merge) '); do
            case $told in *" $rank "*) continue ;; esac
            grep -qz "^SLURM_JOB_ID=$SLURM_JOB_ID\$" "/proc/$rank/environ" 2>/dev/null || continue
            caught=$(awk '$1 == "SigCgt:" { print substr($2, 14, 1) }' "/proc/$rank/status" 2>/dev/null)
            case $caught in [2367abef])
                kill -s USR1 "$rank" 2>/dev/null && told="$told$rank "
            esac
        done
        sleep 1
    done
}
trap 'note USR1' USR1
trap 'note USR2' USR2
trap 'note TERM' TERM

say() { printf 'render.sh: %s\n' "$*"; }
fail() {
    printf 'render.sh: %s\n' "$*" >&2
    exit 1
}

[ $# -ge 2 ] || fail "give INPUT and OUT: sbatch slurm/render.sh INPUT OUT [render options]"
input=$1 out=$2
shift 2
options=("$@")
case $input in -*) fail "INPUT comes first: sbatch slurm/render.sh INPUT OUT [render options]" ;; esac
case $out in -*) fail "OUT comes second, without -o: sbatch slurm/render.sh INPUT OUT [render options]" ;; esac

# --- INPUT and OUT ------------------------------------------------------------------------
list=''
case $input in @*) list=@ input=${input#@} ;; esac
[ -e "$input" ] || fail "INPUT $input is not there; relative paths begin in $PWD"
[ -r "$input" ] || fail "INPUT $input cannot be read; its rights: $(stat -c '%A %U:%G' -- "$input")"
input=$(realpath -- "$input")
mkdir -p -- "$out" 2>/dev/null || fail "OUT $out cannot be made; name a place that can be written to"
out=$(realpath -- "$out")
probe=$(mktemp "$out/.ecgmpi-probe.XXXXXX" 2>/dev/null) ||
    fail "OUT $out cannot be written to; name a place that can be"
rm -f -- "$probe"

# --- the program --------------------------------------------------------------------------
image=${ECGMPI_IMAGE:-}
if [ -z "$image" ]; then
    for image in "${SLURM_SUBMIT_DIR:-$PWD}/ecgmpi.sif" "$HOME/ecgmpi.sif"; do
        [ ! -e "$image" ] || break
    done
fi
inside=() # what comes before a command that is to run in the image
if [ "$image" = none ]; then
    command -v ecgmpi >/dev/null || fail "ECGMPI_IMAGE=none, but ecgmpi is not in the PATH:" \
        "activate its environment, or load its module, before sbatch"
    # See the image's definition: of the wheel MPICH, Slurm understands this network alone.
    if [ -x "$(dirname "$(command -v ecgmpi)")/mpichversion" ]; then
        export MPIR_CVAR_CH4_NETMOD=${MPIR_CVAR_CH4_NETMOD:-ofi}
    fi
    mpi=$(ecgmpi doctor "$out" | awk '$1 == "MPI" { print ($2 ~ /^Open/) ? "openmpi" : tolower($2) }')
else
    [ -r "$image" ] || fail "image $image is not there: build it with container/build.sh," \
        "or say where it is, ECGMPI_IMAGE=/path/ecgmpi.sif; ECGMPI_IMAGE=none does without"
    image=$(realpath -- "$image")
    apptainer=${APPTAINER:-$(command -v apptainer || command -v singularity)} ||
        fail "there is no apptainer on $(hostname): module load apptainer before sbatch," \
            "or ECGMPI_IMAGE=none with a virtual environment"
    # A folder's name may hold what separates folders.
    escaped() { printf '%s\n' "$1" | sed 's/[\\:,]/\\&/g'; }
    # A file with what lies beside it: samples beside their header.
    if [ -d "$input" ]; then seen=$input; else seen=$(dirname "$input"); fi
    binds=(--bind "$(escaped "$seen")" --bind "$(escaped "$out")")
    [ -z "${ECGMPI_BIND:-}" ] || binds+=(--bind "$ECGMPI_BIND")
    # Nodes may have a folder that a login node does not.
    [ ! -d "${ECGMPI_SCRATCH:-}" ] || binds+=(--bind "$(escaped "$ECGMPI_SCRATCH")")
    # One name space for all ranks of a node, or they could not share memory.
    # Never --cleanenv or --containall: ranks would not find each other.
    shared=()
    [[ $("$apptainer" exec --help 2>/dev/null) != *--sharens* ]] || shared=(--sharens)
    inside=("$apptainer" -q exec "${binds[@]}" "$image")
    mpi=$("$apptainer" inspect --labels "$image" 2>/dev/null | awk '$1 == "ecgmpi.mpi:" { print $2 }')
    "${inside[@]}" ecgmpi --version >/dev/null ||
        fail "image $image does not start on $(hostname); the reason is above"
    # Links in INPUT may lead to what the image does not see.
    blind=$("${inside[@]}" find "$input" -maxdepth 2 -xtype l 2>/dev/null | head -n 1)
    [ -z "$blind" ] || [ ! -e "$blind" ] || fail "INPUT has links out of it, as $blind to" \
        "$(realpath -- "$blind"), which the image does not see: ECGMPI_BIND=/the/folder sbatch ..."
    if [ -n "$list" ]; then
        first=$(grep -m 1 -v '^[[:space:]]*\(#\|$\)' "$input")
        "${inside[@]}" test -r "$first" || fail "$first of list $input is not there, or not seen in" \
            "the image: its lines are paths from $PWD; ECGMPI_BIND=/its/folder sbatch ..."
    fi
    inside=("$apptainer" -q exec "${shared[@]}" "${binds[@]}" "$image")
fi
if [ -d "${ECGMPI_SCRATCH:-}" ]; then export TMPDIR=$ECGMPI_SCRATCH; fi

# --- the launcher -------------------------------------------------------------------------
command -v srun >/dev/null || fail "there is no srun here: is this a Slurm cluster?"
# In an allocation of one's own (salloc) the script draws no more than on a login node.
checking=yes
if [ "${ENVIRONMENT:-}" = BATCH ] && [ -n "${SLURM_JOB_ID:-}" ]; then checking=''; fi
tasks=${SLURM_NTASKS:-1}
how=${ECGMPI_MPI:-} unfit=''
if [ -z "$how" ]; then
    offered=$(srun --mpi=list 2>&1 | grep -owE 'pmi2|pmix|cray_shasta' | sort -u)
    other=openmpi
    case $mpi in
        mpich) how=$(grep -x pmi2 <<<"$offered" || grep -x cray_shasta <<<"$offered") ;;
        openmpi) how=$(grep -x pmix <<<"$offered") other=mpich ;;
        *) unfit="which MPI $image holds is not known: say how srun starts it, ECGMPI_MPI=pmi2 or pmix" ;;
    esac
    offered=${offered//$'\n'/, }
    [ -n "$how$unfit" ] || unfit="this Slurm starts ranks by ${offered:-nothing known}, which does \
not fit $mpi; build the image with container/build.sh --mpi $other, or use one task"
    # One rank needs no launcher.
    if [ "$tasks" = 1 ] && [ -z "$checking" ]; then
        how=none
    elif [ -n "$unfit" ] && [ -z "$checking" ]; then
        fail "$unfit"
    fi
fi

if [ -n "$checking" ]; then
    say "all is there: INPUT $input, OUT $out, image $image; now: sbatch slurm/render.sh ..."
    [ -z "$unfit" ] || say "for one task (--nodes=1 --ntasks=1); for more, mind: $unfit"
    exit 0
fi
attempt=$((${SLURM_RESTART_COUNT:-0} + 1))
workers=${SLURM_CPUS_PER_TASK:-1}
say "$(date '+%F %T') job $SLURM_JOB_ID, attempt $attempt: $tasks x $workers workers on" \
    "${SLURM_JOB_NODELIST:-$(hostname)}, srun --mpi=$how"
say "INPUT $input, OUT $out, image $image"
"${inside[@]}" ecgmpi doctor "$out" | sed 's/^/  /'
nodes=${SLURM_JOB_NUM_NODES:-1}
# Which nodes there are, and since when: one that was away for a moment is another one.
# shellcheck disable=SC2016  # it is the other shell that is to see these
look='
    for path; do
        [ "$path" = none ] || [ -r "$path" ] || {
            echo "render.sh: $(hostname) does not see $path: put it where all nodes do" >&2
            exit 1
        }
    done
    echo "$SLURMD_NODENAME $(cat /proc/sys/kernel/random/boot_id) $(cut -d " " -f 22 /proc/1/stat)"'
# What a step that was killed had of the memory is not given back at once: with 0 it is not
# asked for. Before 20.11 steps share what there is by themselves.
beside=(--mpi=none --mem=0)
[[ $(srun --help 2>/dev/null) != *--overlap* ]] || beside+=(--overlap)
look() { # nodes, how many there are of them, paths
    local names=$1 count=$2
    shift 2
    timeout 60 srun "${beside[@]}" --nodelist="$names" --nodes="$count" --ntasks-per-node=1 \
        --ntasks="$count" --cpus-per-task=1 bash -c "$look" look "$@" </dev/null
}
# The nodes that were there in the beginning and are not, or have been away. One that does not
# answer is lost only if Slurm says so, which takes Slurm some minutes (SlurmdTimeout); it then
# ends this script and queues the job again by itself.
lost_nodes() {
    local node now tries
    for node in $(scontrol show hostnames "$SLURM_JOB_NODELIST"); do
        for tries in {1..24}; do
            if now=$(look "$node" 1 2>/dev/null); then
                grep -qxF "$now" <<<"$before" || echo "$node"
                break
            fi
            case $(sinfo --noheader --nodes="$node" --format=%T) in
                *\** | down* | fail* | reboot* | unk*) echo "$node" && break ;;
            esac
            [ "$tries" = 24 ] || sleep 15
        done
    done
}
if [ "$nodes" -gt 1 ]; then
    before=$(look "$SLURM_JOB_NODELIST" "$nodes" "$image" "$input" "$out") || exit 1
fi

# --- the work -----------------------------------------------------------------------------
command=(ecgmpi render "$list$input" -o "$out" "${options[@]}")
if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
    # One task of an array that is run again must not take itself for the only one.
    command+=(--part "$SLURM_ARRAY_TASK_ID/${ECGMPI_PARTS:-$SLURM_ARRAY_TASK_COUNT}")
elif [ -n "${ECGMPI_MERGE:-}" ]; then
    command=(ecgmpi merge "$out")
fi
# Run as it is, an image is held up by a process of Apptainer's for all others, and Slurm
# signals that one, too: a scancel would take the image away from under ranks that drain. Of
# an array, many tasks may be on one node, each with its own copy.
unpack=${ECGMPI_UNPACK:-yes}
if [ "$image" = none ] || [ -n "${SLURM_ARRAY_TASK_ID:-}${ECGMPI_MERGE:-}" ]; then unpack=no; fi
# In OUT, which was seen to take files: a status that got lost would be taken for 0.
result=$out/.ecgmpi-exit-$SLURM_JOB_ID
rm -f "$result"
# What each rank is started by: it waits for its end whatever is signalled, and on the first
# node writes down how rank 0 ended.
# shellcheck disable=SC2016  # it is another shell that is to see these
rank='
    result=$1 unpack=$2 image=$3 again=""
    shift 3
    trap again=yes TERM USR1 USR2
    # A folder of this node: where TMPDIR is on a disk of the network it is all nodes at once.
    place=${TMPDIR:-/tmp}
    case $(stat -f -c %T "$place" 2>&1) in
        *nfs* | *lustre* | *gpfs* | *beegfs* | *ceph* | *stat:*) place=/tmp ;;
    esac
    box=$place/ecgmpi-image-$UID-$SLURM_JOB_ID-$(hostname)
    unpack() {
        # Names of such folders can be guessed: nothing of anybody else is run or waited for.
        mkdir -p -m 700 "$box" && [ -O "$box" ] && [ ! -L "$box" ] || return
        exec 9>"$box/used" && flock -s 9 || return
        exec 8>"$box/made" && flock 8 || return
        # What jobs left behind that were killed: nobody holds on to it.
        for left in "$place/ecgmpi-image-$UID"-*-"$(hostname)"; do
            [ -O "$left" ] && [ -f "$left/used" ] && [ "$left" != "$box" ] && flock -n "$left/used" rm -rf "$left"
        done
        if [ ! -e "$box/image" ] && [ "$(df -Pk "$box" | awk "END { print \$4 }")" -gt 1000000 ]; then
            rm -rf "$box/new"
            "$apptainer" -q build --sandbox "$box/new" "$image" >&2 &&
                "$apptainer" -q exec "$box/new" true && mv "$box/new" "$box/image"
        fi
        exec 8>&-
        [ -e "$box/image" ]
    }
    words=("$@")
    if [ "$unpack" = yes ]; then
        apptainer=$1
        # Each rank has name spaces of its own then, across which memory is not shared. All of
        # a job must think so, also those of a node that cannot unpack.
        export OMPI_MCA_btl=${OMPI_MCA_btl:-self,tcp} MPIR_CVAR_NOLOCAL=${MPIR_CVAR_NOLOCAL:-1}
        if unpack; then
            for number in "${!words[@]}"; do
                [ "${words[number]}" != "$image" ] || words[number]=$box/image
                [ "${words[number]}" != --sharens ] || unset "words[number]"
            done
        else
            echo "render.sh: $(hostname) could not unpack the image into $place (1 GB free is" \
                "needed; or see above): it is run as it is" >&2
        fi
    fi
    status=75
    if [ -z "$again" ]; then
        "${words[@]}" &
        child=$! again=yes
        while [ -n "$again" ]; do
            again=
            wait "$child"
            status=$?
        done
    fi
    # The last of this node puts out the light.
    if [ -O "$box" ] && [ -f "$box/used" ]; then flock -n 9 && rm -rf "$box"; fi
    # To srun, 3 and 75 are bad exits, at which it would end those that have not got so far.
    case $status in 1 | 2 | 3 | 75)
        if [ "$SLURM_PROCID" != 0 ] || echo "$status" >"$result"; then
            case $status in 3 | 75) status=0 ;; esac
        fi ;;
    esac
    exit "$status"'
begun=$SECONDS status=75
if [ -z "$received" ]; then
    # A rank that dies must take the others along, or they would wait for it.
    srun --mpi="$how" --kill-on-bad-exit=1 --cpus-per-task="$workers" \
        bash -c "$rank" rank "$result" "$unpack" "$image" "${inside[@]}" "${command[@]}" &
    step=$!
    interrupted=yes
    while [ -n "$interrupted" ]; do
        interrupted=''
        wait "$step"
        status=$?
    done
    # Where rank 0 could not run, srun ends the others and tells of them.
    of_rank_0=$(cat "$result" 2>/dev/null)
    case $status,$of_rank_0 in 0,?* | *,[12]) status=$of_rank_0 ;; esac
    rm -f "$result"
    # A signal before the program was ready for it: nothing had been begun.
    if [ "${received#USR}" != "$received" ] && [ "$status" = 138 ]; then status=75; fi
fi

# --- how it ended -------------------------------------------------------------------------
lost=''
# Of MPI, 1 may mean that a rank has fallen silent.
case $status in 0 | 2 | 3 | 75) ;; *)
    if [ "$nodes" -gt 1 ] && [ -z "$received" ]; then lost=$(lost_nodes | xargs); fi ;;
esac
again="the same sbatch line resumes where this one stopped"
case $status in
    0) text="complete" ;;
    2) text="the command makes no sense; the reason is above" ;;
    3) text="complete, with recordings that failed: see $out/failures.csv" ;;
    75) text="stopped early; $again" ;;
    *) if [ -n "$lost" ]; then text="lost node $lost; $again"; else case $status in
        1) text="could not run; the reason is above" ;;
        9 | 137) text="killed, perhaps for memory: --mem-per-cpu=2G; $again" ;;
        *) text="ended by something else; $again" ;;
    esac; fi ;;
esac
say "$(date '+%F %T') exit $status: $text"
say "$((SECONDS - begun)) s in attempt $attempt on ${SLURM_JOB_NODELIST:-$(hostname)}"
# Slurm itself queues a job again that lost a node, if this script does not end before.
if { [ "$status" = 75 ] && [ "$received" != TERM ] && [ "$received" != USR2 ]; } || [ -n "$lost" ]; then
    if [ "$attempt" -lt "${ECGMPI_ATTEMPTS:-50}" ]; then
        say "queued again to resume: attempt $((attempt + 1)) of at most ${ECGMPI_ATTEMPTS:-50}"
        # Slurm's answer ends this script, which must not look as if it had failed.
        trap '' TERM
        scontrol requeue "$SLURM_JOB_ID" ||
            say "this Slurm does not let a job queue itself again; $again"
    else
        say "not queued again: $attempt attempts are all that ECGMPI_ATTEMPTS allows; $again"
    fi
fi
exit "$status"
