# shellcheck shell=bash
# What demo and test share. Sourced, never run.

# shellcheck disable=SC2034  # used by the scripts that source this file

# Packages of Debian and Ubuntu that the library links.
build_packages=(
  pkg-config zlib1g-dev libisal-dev libzstd-dev libxxhash-dev libssl-dev libbz2-dev liblzma-dev libzip-dev libexpat1-dev libhdf5-dev
)
# What the main job reads: WordNet, pictures.
demo_packages=(wordnet-base dataset-fashion-mnist)

say() { printf '==> %s\n' "$*"; }

# Ends the script with one line that says what is missing.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    fail "this needs root, and there is no sudo; as root, run: $*"
  fi
}

need_swift() {
  command -v swift >/dev/null 2>&1 ||
    fail "no Swift toolchain in PATH; install Swift 6.3 or later from https://www.swift.org/install/linux/"
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  case $version in
    [0-5].* | 6.0 | 6.1 | 6.2) fail "Swift $version is too old; install Swift 6.3 or later from https://www.swift.org/install/linux/" ;;
    '') fail "cannot tell the version of $(command -v swift); Swift 6.3 or later is needed" ;;
  esac
  say "Swift $version"
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

has_package_lists() { compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; }

# Fetches the package lists where there are none: packages are installed from them, and the main job reads them.
need_package_lists() {
  has_package_lists && return
  say "Fetching the package lists (apt-get update)"
  as_root apt-get update -qq || fail "apt-get update failed; the package lists are needed"
  has_package_lists || fail "there are no package lists in /var/lib/apt/lists after apt-get update"
}

# Installs those of the named packages that are not there yet.
need_packages() {
  local missing=() package
  if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    fail "this is not a Debian or Ubuntu machine; install what corresponds to: $*, then use swift build and swift test"
  fi
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    say "All packages are installed: $*"
    return
  fi
  need_package_lists
  say "Installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "cannot install: ${missing[*]} (if the package lists are old, run apt-get update first)"
}

# An environment of pinned versions for graphmill-spark, kept beside the build: spark_venv. False where it cannot be made;
# spark_missing then says why.
need_spark() {
  local python=${PYTHON:-python3} requirements=$root/Distributed/tests/requirements.txt
  spark_venv=$root/.build/venv-spark
  spark_missing="there is no java (apt-get install openjdk-17-jre-headless)"
  command -v java >/dev/null 2>&1 || return 1
  spark_missing="there is no $python"
  command -v "$python" >/dev/null 2>&1 || return 1
  cmp -s "$requirements" "$spark_venv/requirements.txt" && return
  rm -rf "$spark_venv"
  spark_missing="python3-venv is not installed"
  "$python" -m venv "$spark_venv" 2>/dev/null || return 1
  say "Installing pyspark and what the tests use"
  "$spark_venv/bin/pip" install -q -r "$requirements" 2>"$spark_venv/log" || {
    spark_missing="pip cannot install (no network?): $(tail -n 1 "$spark_venv/log")"
    return 1
  }
  cp "$requirements" "$spark_venv/requirements.txt"
}
