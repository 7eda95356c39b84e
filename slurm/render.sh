#!/usr/bin/env bash
# Draws the recordings of INPUT into OUT on a cluster:
#
#     sbatch [sbatch options] slurm/render.sh INPUT OUT [render options]
#
# No edit is needed: sbatch options override the #SBATCH lines below, and variables set the
# rest (ECGMPI_IMAGE=... sbatch ...). Run without sbatch, on a login node, it only checks that
# everything is there.
#
# Size
#   --nodes=4 --cpus-per-task=32   four nodes, one rank each, 32 workers a rank. One rank a
#                                  node, or --ntasks-per-node=2 for one per socket; workers
#                                  draw, so give a rank all the cores that it can have.
#   --mem-per-cpu=1G               150 MB per worker are enough for recordings of 10 s,
#                                  250 MB with --wear.
#   --time=04:00:00                any of 10 minutes or more: before it ends the job drains,
#                                  requeues itself and resumes. `ecgmpi render ... --dry-run`
#                                  says how much there is; a core draws 20 to 40 recordings a
#                                  second.
#
# To stop it
#   scancel JOB                    finishes what is in flight and is not requeued; the same
#                                  sbatch line resumes where it stopped. Slurm gives it
#                                  KillWait seconds (30) for that; ecgmpi takes 10 at most.
#   scancel --batch --signal=USR2 JOB    the same, but without a time limit by Slurm
#
# Variables
#   ECGMPI_IMAGE     the image (default: ecgmpi.sif in the folder where sbatch was called, or
#                    in $HOME), or none: ecgmpi from the PATH, as of a virtual environment
#   ECGMPI_MPI       how srun starts ranks: pmi2, pmix, ... (default: what the image's MPI
#                    needs; `srun --mpi=list` shows the choices)
#   ECGMPI_BIND      folders that the image must see, besides INPUT, OUT and those of tables
#                    that --metadata names: /data,/scratch
#   ECGMPI_SCRATCH   a folder on each node for temporary files, and for shards while they are
#                    made (default: the node's own, and that of the job: SLURM_TMPDIR, TMPDIR;
#                    the option --scratch DIR is for shards alone)
#   ECGMPI_UNPACK    no: run the image as it is. By default each node unpacks it, 690 MB in
#                    that folder, for as long as the job runs: it starts faster, and a plain
#                    scancel does not unmount it under the ranks
#   ECGMPI_ATTEMPTS  how often the job may be started, the first included (default: 50); two in
#                    a row that finish no recording are the last
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

# Before anything else: Slurm may send the signal up to a minute early, and it would kill the
# shell.
received='' interrupted='' ends=''
# shellcheck disable=SC2317  # the traps call it
note() {
    # A job of a few minutes gets this signal as it starts. It uses the time that it has.
    if [ "$1" = USR1 ] && [ -n "$ends" ] && [ $((ends - $(date +%s))) -gt "$SHORTEST_DRAIN" ]; then
        interrupted=yes
        { sleep $((ends - $(date +%s) - SHORTEST_DRAIN)) && kill -s USR1 $$; } &
        return
    fi
    # Slurm itself sends TERM to the ranks.
    if [ "$1" != TERM ] && [ "${received#USR}" = "$received" ]; then
        say "$1: the ranks finish what is in flight"
        drain &
    fi
    received=$1 interrupted=yes
}
# Not by srun: that signals every process of the step, and would end those of Apptainer, among
# them the one that keeps the image mounted for all others. Rank 0 is on this node and passes the
# signal on. It is signalled once, when it listens (the tenth bit of SigCgt is SIGUSR1), which may
# take a while: the image may not be unpacked yet.
# shellcheck disable=SC2317
drain() {
    local rank caught signalled=' '
    while kill -0 $$ 2>/dev/null; do
        for rank in $(pgrep -u "$(id -u)" -f 'python[0-9.]* .*(/|-m )ecgmpi (render|merge) '); do
            case $signalled in *" $rank "*) continue ;; esac
            grep -qz "^SLURM_JOB_ID=$SLURM_JOB_ID\$" "/proc/$rank/environ" 2>/dev/null || continue
            caught=$(awk '$1 == "SigCgt:" { print substr($2, 14, 1) }' "/proc/$rank/status" 2>/dev/null)
            case $caught in [2367abef])
                kill -s USR1 "$rank" 2>/dev/null && signalled="$signalled$rank "
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
# In an interactive allocation (salloc) the script only checks, as on a login node.
checking=yes
if [ "${ENVIRONMENT:-}" = BATCH ] && [ -n "${SLURM_JOB_ID:-}" ]; then checking=''; fi
attempt=$((${SLURM_RESTART_COUNT:-0} + 1))

# --- time ---------------------------------------------------------------------------------
SHORTEST=300      # seconds; in less, a job starts, drains and does little else
SHORTEST_DRAIN=30 # seconds before its end that a job of less than that drains
LINGERS=90        # seconds that srun may take to end once rank 0 has
# Seconds of a time limit as Slurm writes it: M, M:S, H:M:S, D-H, D-H:M or D-H:M:S.
seconds_of() {
    local days=0 rest=$1 a b c
    case $rest in
        '') return 1 ;;
        *-*) days=${rest%%-*} rest=${rest#*-} && IFS=: read -r a b c <<<"$rest" ;;
        *:*:*) IFS=: read -r a b c <<<"$rest" ;;
        *) a=0 && IFS=: read -r b c <<<"$rest" ;;
    esac
    case $days${a}${b:-0}${c:-0} in *[!0-9]* | '') return 1 ;; esac
    echo $((10#$days * 86400 + 10#$a * 3600 + 10#${b:-0} * 60 + 10#${c:-0}))
}
if [ -n "$checking" ]; then
    limit=$(seconds_of "${SBATCH_TIMELIMIT:-}") || limit=''
else
    limit=$(seconds_of "$(squeue --noheader --jobs="$SLURM_JOB_ID" --format=%L 2>/dev/null | head -n 1)") ||
        limit=''
fi
if [ -n "$limit" ] && [ "$limit" -lt "$SHORTEST" ]; then
    [ -n "$checking" ] || ends=$(($(date +%s) + limit))
    if [ "$attempt" = 1 ]; then
        say "a time limit of $limit s is short: starting and ending take up to a minute of it;" \
            "give --time=10 (minutes) or more"
    fi
fi

[ $# -ge 2 ] || fail "give INPUT and OUT: sbatch slurm/render.sh INPUT OUT [render options]"
input=$1 out=$2
shift 2
options=("$@")
case $input in -*) fail "INPUT comes first: sbatch slurm/render.sh INPUT OUT [render options]" ;; esac
case $out in -*) fail "OUT comes second, without -o: sbatch slurm/render.sh INPUT OUT [render options]" ;; esac

# --- INPUT and OUT ------------------------------------------------------------------------
list=''
case $input in @*) list=@ input=${input#@} ;; esac
[ -e "$input" ] || fail "INPUT $input does not exist; relative paths start in $PWD"
[ -r "$input" ] || fail "INPUT $input cannot be read; it is $(stat -c '%A %U:%G' -- "$input")"
input=$(realpath -- "$input")
mkdir -p -- "$out" 2>/dev/null || fail "OUT $out cannot be created; name a writable folder"
out=$(realpath -- "$out")
# Asked, not tried: a file written to find out would stay where the task is killed just then.
if ! [ -w "$out" ] || ! [ -x "$out" ]; then
    fail "OUT $out cannot be written to; name a writable folder"
fi

# --- links out of INPUT -------------------------------------------------------------------
LOOKS_FOR=20 # seconds; a million files on a shared filesystem take longer
look_for_blind_links() {
    local blind='' one looking
    exec 3< <(exec timeout "$LOOKS_FOR" "${inside[@]}" find "$input" -xtype l -print0 2>/dev/null)
    looking=$!
    while IFS= read -r -d '' -u 3 one; do
        # Others lead nowhere outside, either.
        if [ -e "$one" ]; then blind=$one && break; fi
    done
    exec 3<&-
    [ -z "$blind" ] || kill "$looking" 2>/dev/null
    wait "$looking" 2>/dev/null
    if [ $? = 124 ]; then
        say "INPUT was searched for $LOOKS_FOR s for links that the image cannot follow, and not to" \
            "its end: if recordings fail for lack of a file, name its folder in ECGMPI_BIND"
    fi
    [ -z "$blind" ] || fail "INPUT has links out of it, as $blind to $(realpath -- "$blind"), which the" \
        "image does not see: ECGMPI_BIND=${ECGMPI_BIND:+$ECGMPI_BIND,}$(folders_of "$blind") sbatch ..."
}
# The folders that link $1 leads through, as ECGMPI_BIND takes them.
folders_of() {
    local link=$1 to folders=''
    while [ -L "$link" ]; do
        to=$(readlink -- "$link")
        case $to in /*) ;; *) to=$(dirname -- "$link")/$to ;; esac
        link=$(realpath -ms -- "$to")
        to=$(escaped "$(dirname -- "$link")")
        case $link,$folders, in "$input"/* | *",$to,"*) ;; *) folders=$folders,$to ;; esac
    done
    echo "${folders#,}"
}

# --- tables of labels ---------------------------------------------------------------------
# Sets table, with its path from the root; header is a word, and names no table.
tables=()
add_table() {
    table=$1
    [ "$table" != header ] || return 0
    table=$(realpath -m -- "$(dirname -- "$table")")/$(basename -- "$table")
    tables+=("$table")
}
for ((number = 0; number < ${#options[@]}; number++)); do
    case ${options[number]},${options[number + 1]:-} in
        --metadata,?*)
            add_table "${options[number + 1]}"
            options[number + 1]=$table
            ;;
        --metadata=?*)
            add_table "${options[number]#--metadata=}"
            options[number]=--metadata=$table
            ;;
    esac
done
# The folders of tables, one a line; of a table that is a link, also those that it leads to.
folders_of_tables() {
    local one folder
    for one in "${tables[@]}"; do
        folder=$(dirname -- "$one")
        # What is not there cannot be bound; that there is no table is for ecgmpi to say.
        [ ! -d "$folder" ] || escaped "$folder"
        if [ -L "$one" ] && [ -e "$one" ]; then folders_of "$one"; fi
    done | sort -u
}

# --- folders of each node -----------------------------------------------------------------
# As `ecgmpi render` chooses one to make shards in.
if [ -d "${ECGMPI_SCRATCH:-}" ]; then
    export TMPDIR=$ECGMPI_SCRATCH
    unset SLURM_TMPDIR
fi
scratch=''
for ((number = 0; number < ${#options[@]}; number++)); do
    case ${options[number]},${options[number + 1]:-} in
        --scratch,?*)
            scratch=$(realpath -ms -- "${options[number + 1]}")
            options[number + 1]=$scratch
            ;;
        --scratch=?*)
            scratch=$(realpath -ms -- "${options[number]#--scratch=}")
            options[number]=--scratch=$scratch
            ;;
    esac
done
# Those that are there, on the node where this runs, one a line.
local_folders() { # the value of --scratch
    local folder
    for folder in "$1" "${SLURM_TMPDIR:-}" "${TMPDIR:-}"; do
        case $folder in /*) [ ! -d "$folder" ] || printf '%s\n' "$folder" ;; esac
    done | sort -u
}
# Sets words: a command that runs in the image, such that it sees those of this node.
bind_local() { # the value of --scratch, the command
    local folder binds=()
    while IFS= read -r folder; do
        binds+=(--bind "$(escaped "$folder")")
    done < <(local_folders "$1")
    shift
    # After: apptainer -q exec
    words=("${@:1:3}" "${binds[@]}" "${@:4}")
}
# The name of a folder may contain the separators.
escaped() { printf '%s\n' "$1" | sed 's/[\\:,]/\\&/g'; }

# --- the program --------------------------------------------------------------------------
image=${ECGMPI_IMAGE:-}
if [ -z "$image" ]; then
    for image in "${SLURM_SUBMIT_DIR:-$PWD}/ecgmpi.sif" "$HOME/ecgmpi.sif"; do
        [ ! -e "$image" ] || break
    done
fi
inside=() # the prefix of a command that runs in the image
if [ "$image" = none ]; then
    command -v ecgmpi >/dev/null || fail "ECGMPI_IMAGE=none, but ecgmpi is not in the PATH:" \
        "activate its environment, or load its module, before sbatch"
    # See the definition of the image: under Slurm, the wheel of MPICH works with this network only.
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
    # For a file, its folder: samples lie beside their header.
    if [ -d "$input" ]; then seen=$input; else seen=$(dirname "$input"); fi
    binds=()
    # Before INPUT and OUT, which may lie in one of these.
    while IFS= read -r folder; do
        case $folder/ in // | "$(escaped "$seen")"/* | "$(escaped "$out")"/*) ;; *) binds+=(--bind "$folder") ;; esac
    done < <(folders_of_tables)
    binds+=(--bind "$(escaped "$seen")" --bind "$(escaped "$out")")
    [ -z "${ECGMPI_BIND:-}" ] || binds+=(--bind "$ECGMPI_BIND")
    # One namespace for all ranks of a node, so that they can share memory.
    # Never --cleanenv or --containall: ranks would not find each other.
    shared=()
    [[ $("$apptainer" exec --help 2>/dev/null) != *--sharens* ]] || shared=(--sharens)
    inside=("$apptainer" -q exec "${binds[@]}" "$image")
    mpi=$("$apptainer" inspect --labels "$image" 2>/dev/null | awk '$1 == "ecgmpi.mpi:" { print $2 }')
    "${inside[@]}" ecgmpi --version >/dev/null ||
        fail "image $image does not start on $(hostname); the reason is above"
    # Links in INPUT may lead to folders that the image does not see.
    if [ -z "$list" ] && [ -d "$input" ] && [ "$attempt" = 1 ]; then look_for_blind_links; fi
    if [ -n "$list" ]; then
        first=$(grep -m 1 -v '^[[:space:]]*\(#\|$\)' "$input")
        "${inside[@]}" test -r "$first" || fail "$first of list $input does not exist, or the image does" \
            "not see it: its lines are paths from $PWD; ECGMPI_BIND=/its/folder sbatch ..."
    fi
    inside=("$apptainer" -q exec "${shared[@]}" "${binds[@]}" "$image")
fi

# --- the command --------------------------------------------------------------------------
command=(ecgmpi render "$list$input" -o "$out" "${options[@]}")
if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
    # One task of an array that is run again must not take itself for the only one.
    command+=(--part "$SLURM_ARRAY_TASK_ID/${ECGMPI_PARTS:-$SLURM_ARRAY_TASK_COUNT}")
elif [ -n "${ECGMPI_MERGE:-}" ]; then
    command=(ecgmpi merge "$out")
fi
# An option that is wrong is found now, on one rank, and on a login node if that is where this is.
if [ "${command[1]}" = render ] && [ "$attempt" = 1 ]; then
    said=$("${inside[@]}" "${command[@]}" --check-options 2>&1)
    # An older image may not have --check-options.
    if [ $? = 2 ] && [[ $said != *--check-options* ]]; then
        printf '%s\n' "$said" >&2
        say "exit 2: the command makes no sense; the reason is above" >&2
        exit 2
    fi
fi

# --- the launcher -------------------------------------------------------------------------
command -v srun >/dev/null || fail "there is no srun here: is this a Slurm cluster?"
tasks=${SLURM_NTASKS:-1}
how=${ECGMPI_MPI:-} unfit=''
if [ -z "$how" ]; then
    offered=$(srun --mpi=list 2>&1 | grep -owE 'pmi2|pmix|cray_shasta' | sort -u)
    other=openmpi
    case $mpi in
        mpich) how=$(grep -x pmi2 <<<"$offered" || grep -x cray_shasta <<<"$offered") ;;
        openmpi) how=$(grep -x pmix <<<"$offered") other=mpich ;;
        *) unfit="the MPI of $image is not known: say how srun starts it, ECGMPI_MPI=pmi2 or pmix" ;;
    esac
    offered=${offered//$'\n'/, }
    [ -n "$how$unfit" ] || unfit="this Slurm starts ranks with ${offered:-nothing known}, which does \
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
    [ -z "$unfit" ] || say "for one task (--nodes=1 --ntasks=1); for more, note: $unfit"
    exit 0
fi
workers=${SLURM_CPUS_PER_TASK:-1}
say "$(date '+%F %T') job $SLURM_JOB_ID, attempt $attempt: $tasks x $workers workers on" \
    "${SLURM_JOB_NODELIST:-$(hostname)}, srun --mpi=$how"
say "INPUT $input, OUT $out, image $image"
words=(ecgmpi doctor "$out")
[ "$image" = none ] || bind_local "$scratch" "${inside[@]}" "${words[@]}"
"${words[@]}" | sed 's/^/  /'
nodes=${SLURM_JOB_NUM_NODES:-1}
# The nodes, and since when each is up: one that was away for a moment counts as another.
# shellcheck disable=SC2016  # the inner shell expands these
probe_nodes='
    for path; do
        [ "$path" = none ] || [ -r "$path" ] || {
            echo "render.sh: $(hostname) does not see $path: put it where all nodes do" >&2
            exit 1
        }
    done
    echo "$SLURMD_NODENAME $(cat /proc/sys/kernel/random/boot_id) $(cut -d " " -f 22 /proc/1/stat)"'
# Slurm does not return the memory of a killed step at once: with 0 this step requests none.
# Before 20.11, steps share resources by themselves.
beside=(--mpi=none --mem=0)
[[ $(srun --help 2>/dev/null) != *--overlap* ]] || beside+=(--overlap)
probe() { # nodes, their number, paths
    local names=$1 count=$2
    shift 2
    timeout 60 srun "${beside[@]}" --nodelist="$names" --nodes="$count" --ntasks-per-node=1 \
        --ntasks="$count" --cpus-per-task=1 bash -c "$probe_nodes" probe "$@" </dev/null
}
# The nodes that were up at the start and are down now, or have been away. One that does not
# answer is lost only if Slurm says so, which takes some minutes (SlurmdTimeout); Slurm then ends
# this script and requeues the job by itself.
lost_nodes() {
    local node now tries
    for node in $(scontrol show hostnames "$SLURM_JOB_NODELIST"); do
        for tries in {1..24}; do
            if now=$(probe "$node" 1 2>/dev/null); then
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
    before=$(probe "$SLURM_JOB_NODELIST" "$nodes" "$image" "$input" "$out" "${tables[@]}") || exit 1
fi

# --- the work -----------------------------------------------------------------------------
# If the image is run as it is, one process of Apptainer keeps it mounted for all others, and
# Slurm signals that one too: scancel would unmount the image under ranks that drain. The tasks
# of an array do not unpack: many may be on one node, each with its own copy.
unpack=${ECGMPI_UNPACK:-yes}
if [ "$image" = none ] || [ -n "${SLURM_ARRAY_TASK_ID:-}${ECGMPI_MERGE:-}" ]; then unpack=no; fi
# In OUT, which is known to be writable: a status that got lost would count as 0. Beside it are notes
# of ranks that were killed.
result=$out/.ecgmpi-exit-$SLURM_JOB_ID
rm -f "$result" "$result".lost-*
# What this user's ranks of this job leave behind on a node: used on each node by its ranks as they
# end, and once more when all have ended, for those that were killed.
# shellcheck disable=SC2016  # the inner shells expand these
tidy=$(declare -f escaped local_folders bind_local)'
    # A folder of this node: a TMPDIR on a network disk is shared by all nodes.
    place=${TMPDIR:-/tmp}
    case $(stat -f -c %T "$place" 2>&1) in
        *nfs* | *lustre* | *gpfs* | *beegfs* | *ceph* | *stat:*) place=/tmp ;;
    esac
    boxes=$place/ecgmpi-image-$UID
    # Processes of this job: Python that runs ecgmpi, and Apptainer around it. Neither a shell, which
    # waits for them, nor srun. Of rank $1, if given, only Python: Apptainer may serve other ranks, too.
    left_running() {
        local pid names="python[0-9.]* .*ecgmpi"
        [ -n "${1:-}" ] || names="$names|[Aa]pptainer|[Ss]ingularity|starter|squashfuse|fuse"
        for pid in $(pgrep -u "$UID" -f "^[^ ]*($names)"); do
            grep -qzx "SLURM_JOB_ID=$SLURM_JOB_ID" "/proc/$pid/environ" 2>/dev/null || continue
            [ -z "${1:-}" ] || grep -qzx "SLURM_PROCID=$1" "/proc/$pid/environ" 2>/dev/null || continue
            echo "$pid"
        done
    }
    # Give them $1 seconds to end, then kill them.
    end_what_runs() {
        local until=$((SECONDS + $1)) pids
        while pids=$(left_running "${2:-}") && [ -n "$pids" ]; do
            [ "$SECONDS" -lt "$until" ] || kill -s KILL $pids 2>/dev/null
            [ "$SECONDS" -lt $((until + 5)) ] || return
            sleep 0.2
        done
    }
    # Notes of an Apptainer that was killed. They name the shell that started it; once another shell
    # has that number, Apptainer does not start.
    remove_instances() {
        local left shell
        for left in /dev/shm/sharens_instance_* "$HOME"/.{apptainer,singularity}/instances/*/"$(hostname)"/*/sharens_instance_*; do
            [ -O "$left" ] || continue
            shell=${left##*_}
            if [ "$shell" = "$$" ] || [ ! -e "/proc/$shell" ]; then rm -rf "$left"; fi
        done
    }
    # Memory that MPI shares between processes and that none uses any more, made since the second
    # $since and at least $1 seconds ago. MPI makes it and maps it in the same moment; a second look
    # spares what another job is just making.
    remove_shared_memory() {
        local segment twice made unused="" now
        now=$(date +%s)
        for twice in "" yes; do
            for segment in /dev/shm/mpich_shm_* /dev/shm/vader_segment.* /dev/shm/sm_segment.*; do
                [ -O "$segment" ] && made=$(stat -c %Y "$segment" 2>/dev/null) || continue
                [ "$made" -ge "$since" ] && [ "$made" -le $((now - $1)) ] || continue
                ! grep -qsF "/${segment##*/}" /proc/[0-9]*/maps || continue
                if [ -z "$twice" ]; then unused="$unused $segment"; else
                    case "$unused " in *" $segment "*) rm -f "$segment" ;; esac
                fi
            done
            [ -n "$unused" ] || return
            [ -n "$twice" ] || sleep 1
        done
    }
    # The unpacked images of this job, unless a rank holds one.
    remove_boxes() {
        local box
        for box in "$boxes-$SLURM_JOB_ID"-*-"$(hostname)"; do
            if [ -O "$box" ] && [ -f "$box/used" ]; then flock -n "$box/used" rm -rf "$box"; fi
        done
    }
    # What is in the folders for shards, unless a rank holds it; $1 is the value of --scratch.
    remove_scratch() {
        local folder left
        local_folders "$1" | while IFS= read -r folder; do
            for left in "$folder"/.ecgmpi-scratch-*; do
                if [ -O "$left" ] && [ ! -L "$left" ]; then flock -n "$left" rm -rf "$left"; fi
            done
        done
    }
    # How many processes of this cgroup the kernel killed for lack of memory.
    killed_for_memory() {
        local group
        group=$(awk -F: "\$1 == 0 || \$2 ~ /memory/ { print \$3; exit }" /proc/self/cgroup 2>/dev/null)
        cat "/sys/fs/cgroup$group/memory.events" "/sys/fs/cgroup/memory$group/memory.oom_control" 2>/dev/null |
            awk "\$1 == \"oom_kill\" { n += \$2 } END { print n + 0 }"
    }'
# The wrapper that starts each rank: it waits for the rank to end, whatever the signal, and on
# the first node records the status of rank 0.
# shellcheck disable=SC2016  # the inner shell expands these
rank='
    result=$1 since=$2 unpack=$3 image=$4 scratch=$5 again="" stopped=""
    shift 5
    trap "again=yes stopped=yes" TERM USR1 USR2
    # What jobs that were killed at once left behind.
    remove_instances
    [ "$SLURM_LOCALID" != 0 ] || since=0 remove_shared_memory 600
    # One for each attempt: a rank of the attempt before may still be removing its own.
    box=$boxes-$SLURM_JOB_ID-${SLURM_RESTART_COUNT:-0}-$(hostname)
    unpack() {
        # The names of such folders can be guessed: never run or wait for files of another user.
        mkdir -p -m 700 "$box" && [ -O "$box" ] && [ ! -L "$box" ] || return
        exec 9>"$box/used" && flock -s 9 || return
        exec 8>"$box/made" && flock 8 || return
        # Remove what killed jobs left behind: no process holds it any more.
        for left in "$boxes"-*-"$(hostname)"; do
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
    [ "$image" = none ] || bind_local "$scratch" "$@"
    if [ "$unpack" = yes ]; then
        apptainer=$1
        # Each rank then has its own namespaces, which do not share memory. All ranks of a job must
        # assume so, also those of a node that cannot unpack.
        export OMPI_MCA_btl=${OMPI_MCA_btl:-self,tcp} MPIR_CVAR_NOLOCAL=${MPIR_CVAR_NOLOCAL:-1}
        if unpack; then
            for number in "${!words[@]}"; do
                [ "${words[number]}" != "$image" ] || words[number]=$box/image
                [ "${words[number]}" != --sharens ] || unset "words[number]"
            done
        else
            echo "render.sh: $(hostname) could not unpack the image into $place (it takes 1 GB" \
                "of free space; or see above): the image is run as it is" >&2
        fi
    fi
    status=75 starved=$(killed_for_memory)
    if [ -z "$again" ]; then
        "${words[@]}" &
        child=$! again=yes
        while [ -n "$again" ]; do
            again=
            wait "$child" 2>/dev/null
            status=$?
        done
        # A signal that was not sent to all: only this rank is lost. The others find that out by
        # themselves, and say so; srun, once it knows, sends them a signal in place of that. Slurm
        # itself sends no SIGKILL that this shell would survive.
        # Apptainer also ends of the SIGCONT that Slurm sends before SIGTERM.
        case $status in 143 | 146) stopped=yes ;; esac
        if [ "$status" -gt 128 ] && [ "$status" -le 192 ] && { [ -z "$stopped" ] || [ "$status" = 137 ]; }; then
            why=-
            [ "$(killed_for_memory)" = "$starved" ] || why=memory
            echo "$SLURM_PROCID $SLURMD_NODENAME SIG$(kill -l $((status - 128))) $why" >"$result.lost-$SLURM_PROCID"
            for _ in {1..10}; do
                [ ! -e "$result" ] && [ -z "$stopped" ] || break
                sleep 0.5
            done
        fi
    fi
    # Apptainer may have died of a signal, and Python still be ending in order.
    case $status in 143 | 146) [ -z "$(left_running "$SLURM_PROCID")" ] || status=75 ;; esac
    end_what_runs $((${stopped:+13} + 2)) "$SLURM_PROCID"
    case $status in 0 | 3) ;; *) remove_shared_memory 0 ;; esac
    # The last rank of this node removes the folder.
    if [ -O "$box" ] && [ -f "$box/used" ]; then flock -n 9 && rm -rf "$box"; fi
    # For srun, 3 and 75 are failures: it would end the ranks that still run.
    case $status in 0 | 1 | 2 | 3 | 75)
        if [ "$SLURM_PROCID" != 0 ] || echo "$status" >"$result"; then
            case $status in 3 | 75) status=0 ;; esac
        fi ;;
    esac
    exit "$status"'
# On each node, once srun has ended: for ranks whose wrapper was killed, too.
# shellcheck disable=SC2016
sweep='
    since=$1
    end_what_runs 12
    remove_boxes
    remove_scratch "$2"
    remove_instances
    remove_shared_memory 0'
sweep_nodes() {
    local node here
    here=${SLURMD_NODENAME:-$(hostname)}
    for node in $(scontrol show hostnames "$SLURM_JOB_NODELIST"); do
        if [ "$node" = "$here" ]; then
            timeout 30 bash -c "$tidy$sweep" sweep "$since" "$scratch" &
        else
            timeout 30 srun "${beside[@]}" --nodelist="$node" --nodes=1 --ntasks=1 --cpus-per-task=1 \
                --quiet bash -c "$tidy$sweep" sweep "$since" "$scratch" </dev/null >/dev/null 2>&1 &
        fi
        sweeping+=("$!")
    done
}
# Rank 0 ends last. Slurm does not always miss a node that dies and comes back at once, and srun
# would wait for its ranks for ever.
end_with_rank_0() {
    local left=$LINGERS
    while [ "$left" -gt 0 ]; do
        sleep 1
        kill -0 "$1" 2>/dev/null || return
        [ ! -s "$result" ] || left=$((left - 1))
    done
    say "srun has not ended $LINGERS s after rank 0: it is killed"
    kill -s KILL "$1" 2>/dev/null
}
# What has been finished so far: journals only grow.
size_of_journals() {
    find "$out/.ecgmpi/journal" -name '*.journal' -printf '%s\n' 2>/dev/null |
        awk '{ n += $1 } END { print n + 0 }'
}
facts=$out/run.json
if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
    facts=$out/.ecgmpi/parts/$SLURM_ARRAY_TASK_ID-of-${ECGMPI_PARTS:-$SLURM_ARRAY_TASK_COUNT}.json
fi
facts_before=$(cksum "$facts" 2>/dev/null)
done_before=$(size_of_journals)
# The times of files and this clock may differ.
since=$(($(date +%s) - 60))
started=$SECONDS status=75 ended=0
if [ -z "$received" ]; then
    # A rank that dies must end the others, which would wait for it.
    srun --mpi="$how" --kill-on-bad-exit=1 --cpus-per-task="$workers" \
        bash -c "$tidy$rank" rank "$result" "$since" "$unpack" "$image" "$scratch" "${inside[@]}" "${command[@]}" &
    step=$!
    end_with_rank_0 "$step" &
    interrupted=yes
    while [ -n "$interrupted" ]; do
        interrupted=''
        wait "$step"
        status=$?
    done
    ended=$status
    # Where rank 0 ended in order, it knows; if it could not run, srun ends the others and returns
    # their status.
    status=$(cat "$result" 2>/dev/null)
    [ -n "$status" ] || status=$ended
    # The signal came before the program was ready for it: nothing was started.
    if [ "${received#USR}" != "$received" ] && [ "$status" = 138 ]; then status=75; fi
    sweeping=()
    if [ "$ended,$status" != 0,0 ] || [ "$unpack" = yes ]; then sweep_nodes; fi
    for step in "${sweeping[@]}"; do
        interrupted=yes
        while [ -n "$interrupted" ]; do
            interrupted=''
            wait "$step"
        done
    done
fi

# --- how it ended -------------------------------------------------------------------------
again="the same sbatch line resumes where this one stopped"
perhaps=", perhaps for lack of memory (then --mem-per-cpu=2G helps)"
# A rank that was killed, as its wrapper noted it, or as srun saw it.
lost=''
complete=''
case $status in 0 | 3) complete=yes ;; esac
if [ -z "$received$complete" ] && [ "$status" != 2 ]; then
    notes=("$result".lost-*)
    if read -r number host name why 2>/dev/null <"${notes[0]}"; then
        lost="rank $number on $host was killed ($name)"
        [ "${#notes[@]}" = 1 ] || lost="$lost, and $((${#notes[@]} - 1)) others"
        case $why,$name in
            memory,*) lost="$lost for lack of memory: give it more, as --mem-per-cpu=2G" ;;
            *,SIGKILL) lost="$lost$perhaps" ;;
        esac
    elif [ "$nodes" -gt 1 ] && [ "$ended" != 0 ]; then
        # Under MPI, 1 may mean that a rank has stopped answering.
        lost=$(lost_nodes | xargs)
        lost=${lost:+lost node $lost}
    fi
    case $lost,$status in
        ,9 | ,137) lost="the ranks were killed (SIGKILL)$perhaps" ;;
        ,75) [ "$ended" = 0 ] || lost="a rank was lost, see above" ;;
    esac
fi
rm -f "$result" "$result".lost-*
[ -z "$lost" ] || status=75
case $status in
    0) text="complete" ;;
    2) text="the command makes no sense; the reason is above" ;;
    3) text="complete, with recordings that failed: see $out/failures.csv"
        if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
            text="this part is complete, with recordings that failed: when all parts are, the merge job of"
            text="$text slurm/array.sh, or ecgmpi merge $out, lists them in $out/failures.csv"
        fi ;;
    75) text="${lost:-stopped early}; $again" ;;
    1) text="could not run; the reason is above"
        if [ "$facts_before" != "$(cksum "$facts" 2>/dev/null)" ] &&
            grep -q '"stopped_by": *"--max-failures' "$facts"; then
            text="stopped because more recordings failed than --max-failures allows; the reasons are above"
        fi ;;
    *) text="ended for another reason; $again" ;;
esac
say "$(date '+%F %T') exit $status: $text"
say "$((SECONDS - started)) s in attempt $attempt on ${SLURM_JOB_NODELIST:-$(hostname)}"
# Slurm itself requeues a job that lost a node, unless this script ends first.
stalled=$out/.ecgmpi-stalled-$SLURM_JOB_ID
if [ "$status" = 75 ] && [ "$received" != TERM ] && [ "$received" != USR2 ]; then
    refused=''
    if [ "$attempt" -ge "${ECGMPI_ATTEMPTS:-50}" ]; then
        refused="$attempt attempts are all that ECGMPI_ATTEMPTS allows; $again"
    elif [ "$(size_of_journals)" != "$done_before" ]; then
        rm -f "$stalled"
    elif [ -e "$stalled" ]; then
        refused="two attempts in a row finished no recording; when the reason above is mended, $again"
    else
        : >"$stalled"
    fi
    if [ -z "$refused" ]; then
        say "requeued to resume: attempt $((attempt + 1)) of at most ${ECGMPI_ATTEMPTS:-50}"
        # The requeue ends this script, which must not seem to have failed.
        trap '' TERM
        scontrol requeue "$SLURM_JOB_ID" && exit "$status"
        refused="this Slurm does not let a job requeue itself; $again"
    fi
    say "not requeued: $refused"
fi
rm -f "$stalled"
exit "$status"
