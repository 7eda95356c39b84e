#!/usr/bin/env bash
# Builds the image: container/build.sh [options] [IMAGE]        (default: ecgmpi.sif, here)
#
#   --mpi mpich|openmpi   which MPI is in it (default: mpich). mpich suits a Slurm whose
#                         `srun --mpi=list` has pmi2, openmpi one that has pmix
#   --base WHAT           a Debian 12: a name in a registry (default: debian:12-slim), or
#                         the path of an image or of a folder with a root filesystem
#
# Works with or without root. Your own pip fetches the packages outside of the image, with your
# own settings (pip.conf, PIP_INDEX_URL, PIP_CERT, a proxy, a netrc), and checks them against the
# hashes of container/*.lock; they enter the image as files. Environment:
#
#   PYTHON          a Python 3 with pip 21 or newer, of any version (default: python3)
#   APPTAINER       apptainer or singularity (default: whichever is found)
#   APPTAINER_TMPDIR, APPTAINER_CACHEDIR    where it works: some GB, not on a network disk
#   ECGMPI_BASE     the default of --base
#   ECGMPI_REVISION the revision in the label (default: from git describe)
#   ECGMPI_WHEELS   a folder to keep fetched packages in (default: ~/.cache/ecgmpi/wheels)
set -eo pipefail

fail() {
    printf 'build.sh: %s\n' "$@" >&2
    exit 1
}

image=ecgmpi.sif mpi=mpich base=${ECGMPI_BASE:-debian:12-slim}
while [ $# -gt 0 ]; do
    case $1 in
        --mpi) mpi=${2:?--mpi mpich or --mpi openmpi} && shift 2 ;;
        --base) base=${2:?--base and an image} && shift 2 ;;
        -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" && exit ;;
        -*) fail "no option $1; see $0 --help" ;;
        *) image=$1 && shift ;;
    esac
done
case $mpi in mpich | openmpi) ;; *) fail "--mpi $mpi: choose mpich or openmpi" ;; esac

apptainer=${APPTAINER:-$(command -v apptainer || command -v singularity || true)}
command -v "$apptainer" >/dev/null || fail \
    "there is no apptainer here: on a cluster try 'module load apptainer' (or singularity)," \
    "elsewhere see https://apptainer.org/docs/admin/latest/installation.html." \
    "Or copy an image that was built on another machine: it is one file."
[[ $("$apptainer" build --help 2>/dev/null) == *--build-arg* ]] || fail \
    "$apptainer is too old to build this image, which needs Apptainer 1.2 or newer;" \
    "build it on another machine and copy it here: older versions can run it"
python=${PYTHON:-python3}
"$python" -m pip --version >/dev/null 2>&1 || fail \
    "$python has no pip, which fetches the packages: name a Python with pip, PYTHON=/path/to/python," \
    "or make one: python3 -m venv ~/pip && PYTHON=~/pip/bin/python $0"
[ "$(uname -m)" = x86_64 ] || fail "the image is for x86_64; this is $(uname -m)"

folder=$(dirname -- "$image")
{ mkdir -p -- "$folder" && [ -w "$folder" ]; } || fail "cannot write to $folder: name another IMAGE"
image=$(cd -- "$folder" && pwd)/$(basename -- "$image")
if [ -e "$base" ]; then
    bootstrap=localimage base=$(realpath -- "$base")
else
    bootstrap=docker base=${base#docker://}
fi

cd "$(dirname "$0")/.."
revision=${ECGMPI_REVISION:-$(git describe --always --dirty --abbrev=40 --exclude '*' 2>/dev/null || echo unknown)}

# Build with --fakeroot without root, or as a root without all capabilities.
fakeroot=()
rights=$(awk '/^CapEff/ {print $2}' /proc/self/status)
all=$(printf '%016x' $(((1 << ($(cat /proc/sys/kernel/cap_last_cap) + 1)) - 1)))
if [ "$(id -u)" != 0 ] || [ "$rights" != "$all" ]; then
    fakeroot=(--fakeroot)
    unshare --user true 2>/dev/null || fail \
        "this machine gives ordinary users no user namespaces, which a build without root needs;" \
        "build on another machine, such as your own, and copy the file"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
keep=${ECGMPI_WHEELS:-${XDG_CACHE_HOME:-$HOME/.cache}/ecgmpi/wheels}
mkdir -p "$keep" "$work/wheels"
# Otherwise Apptainer would bind /tmp of this machine into the build.
mkdir -m 1777 "$work/tmp"
platforms=()
for platform in manylinux_2_28 manylinux_2_27 manylinux_2_26 manylinux_2_24 manylinux_2_17 \
    manylinux2014 manylinux_2_12 manylinux2010 manylinux_2_5 manylinux1; do
    platforms+=(--platform "${platform}_x86_64")
done
echo "build.sh: fetching packages"
for lock in build "$mpi"; do
    "$python" -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
        --only-binary :all: --implementation cp --python-version 3.11 "${platforms[@]}" \
        --find-links "$keep" --dest "$keep" -r "container/$lock.lock" || fail \
        "the packages of container/$lock.lock could not be fetched; pip's reason is above." \
        "Behind a proxy: export https_proxy=...; with an index of your own: export" \
        "PIP_INDEX_URL=..., and its certificate PIP_CERT=..., or put both into pip.conf."
done
cp -l "$keep"/*.whl "$work/wheels" 2>/dev/null || cp "$keep"/*.whl "$work/wheels"
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}" >>"$work/proxy.sh"
done

echo "build.sh: building $image ($mpi, revision $revision)"
build() {
    # A fixed date: the present time would make two builds differ.
    SOURCE_DATE_EPOCH=315532800 "$apptainer" build "${fakeroot[@]}" --force --bind "$work:/mnt" \
        --bind "$work/tmp:/tmp" --bind "$work/tmp:/var/tmp" \
        --mksquashfs-args "-all-root -comp zstd -Xcompression-level ${ECGMPI_ZSTD_LEVEL:-9}" \
        --build-arg "BOOTSTRAP=$bootstrap" --build-arg "BASE=$base" \
        --build-arg "MPI=$mpi" --build-arg "REVISION=$revision" \
        "$image" container/ecgmpi.def
}
if ! { build 2>&1 >&3 | tee "$work/said" >&2; } 3>&1; then
    if [ "$bootstrap" = docker ] && grep -q 'conveyor failed to get' "$work/said"; then
        fail "the base docker://$base could not be fetched; apptainer's reason is above." \
            "Without a registry, make a Debian 12 in a folder, as root and from a Debian mirror:" \
            "    debootstrap --variant=minbase bookworm /some/folder" \
            "and give --base /some/folder. Or copy an image here that was made elsewhere with" \
            "    apptainer pull debian.sif docker://$base" \
            "and give --base debian.sif. Or name one in a registry of yours: --base HOST/NAME:TAG."
    fi
    fail "apptainer could not build it; its reason is above." \
        "No space: APPTAINER_TMPDIR=/some/large/local/folder." \
        "No user namespace or subuid: ask your site, or build on another machine."
fi
echo "build.sh: $image, $(du -h --apparent-size "$image" | cut -f1); try: $apptainer run $image doctor"
