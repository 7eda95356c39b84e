#!/usr/bin/env bash
# Draws the recordings of INPUT into OUT by many small jobs, for sites that prefer those:
#
#     slurm/array.sh N [sbatch options] -- INPUT OUT [render options]
#
# N tasks of a job array, each a part of the recordings on one node, and after them one job
# that gathers what they made into one manifest. The sbatch options are for all of them. Each
# task is slurm/render.sh, so the same variables count (ECGMPI_IMAGE=... slurm/array.sh ...).
#
# A task that fails or is killed may be run again by itself, and then the gathering:
#
#     sbatch --array=3 [sbatch options] --export=ALL,ECGMPI_PARTS=N slurm/render.sh INPUT OUT ...
#     ecgmpi merge OUT                       (or this line, slurm/array.sh N ..., once more:
#                                             what is done is not drawn again)
set -eo pipefail

# shellcheck source=slurm/arguments.sh
. "$(dirname "$0")/arguments.sh"
take_arguments "the number of tasks" "$@"
export ECGMPI_PARTS=$number
# What is checked now need not be waited for in a queue.
"$render" "$input" "$out" "${drawing[@]}" >/dev/null
tasks=$(sbatch --parsable --array="1-$number" --output=ecgmpi-%A_%a.log --nodes=1 --ntasks=1 \
    "${options[@]}" "$render" "$input" "$out" "${drawing[@]}")
# With a cluster's name after it, where there are several.
tasks=${tasks%%;*}
# Also after tasks that failed: it says which parts are missing.
merge=$(ECGMPI_PARTS='' ECGMPI_MERGE=yes sbatch --parsable "${options[@]}" \
    --dependency="afterany:$tasks" --output=ecgmpi-%j.log --job-name=ecgmpi-merge \
    --nodes=1 --ntasks=1 --cpus-per-task=1 "$render" "$input" "$out" "${drawing[@]}") ||
    fail "the tasks are job $tasks, but the job that gathers was refused, see above; when they" \
        "have ended: ecgmpi merge $out"
echo "array.sh: $number tasks are job $tasks (ecgmpi-${tasks}_*.log), then job $merge gathers" \
    "(ecgmpi-${merge%%;*}.log)"
