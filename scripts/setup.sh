# What ./run and ./test share: packages, the web console, the build. To be sourced, from the project's root.
# shellcheck shell=bash

say() { printf '== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

node_is_good() {  # also when it came from elsewhere: Debian's nodejs and npm conflict with others' packages
  command -v npm > /dev/null && node -e 'process.exit(+(process.versions.node.split(".")[0] < 18))' 2> /dev/null
}

# missing_packages GROUP...: prints those of packages.txt that are not installed, alternatives still joined by |.
missing_packages() {
  local groups=" $* " installed group package one node=false
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
  node_is_good && node=true
  while read -r group package; do
    [[ $groups == *" $group "* ]] || continue
    [[ $package == nodejs || $package == npm ]] && $node && continue
    for one in ${package//|/ }; do
      grep -qxF "$one" <<< "$installed" && continue 2
    done
    echo "$package"
  done < <(grep -v '^#' scripts/packages.txt)
}

# install_packages GROUP...: by apt-get, and only if one is missing.
install_packages() {
  if ! command -v apt-get > /dev/null; then
    say "no apt-get here: the packages of scripts/packages.txt must be installed already"
    return
  fi
  local missing as_root=() package one names=()
  missing=$(missing_packages "$@")
  [[ $missing ]] || return 0
  if [[ $(id -u) != 0 ]]; then
    command -v sudo > /dev/null || die "as root, please: apt-get install ${missing//$'\n'/ }"
    as_root=(sudo)
  fi
  say "installing ${missing//$'\n'/ } (log: build/apt.log)"
  "${as_root[@]}" apt-get update -q > build/apt.log 2>&1 || die "apt-get update failed, see build/apt.log"
  for package in $missing; do
    for one in ${package//|/ }; do
      [[ $(apt-cache policy "$one" | grep -c 'Candidate: [^(]') != 0 ]] && { names+=("$one"); continue 2; }
    done
    die "this system has no package $package"
  done
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${names[@]}" \
    >> build/apt.log 2>&1 || { tail -5 build/apt.log >&2; die "apt-get could not install the packages named above"; }
}

# web_setup: node_modules as the lock file says; nothing if they are.
web_setup() {
  [[ -f web/package-lock.json ]] || return 0
  local stamp=web/node_modules/.set-up-for lock
  lock=$(sha256sum < web/package-lock.json)
  [[ -f $stamp && $(< $stamp) == "$lock" ]] && return
  say "web: npm ci"
  npm --prefix web ci --no-audit --no-fund --loglevel=error || die "npm ci failed in web/"
  echo "$lock" > "$stamp"
}

# web_build: web/console/dist, if a source is newer.
web_build() {
  [[ -f web/package.json && -d web/node_modules ]] || return 0
  local stamp=build/web-built newer=yes
  if [[ -f $stamp && -f web/console/dist/index.html ]]; then
    newer=$(find web \( -name node_modules -o -name dist \) -prune -o -type f -newer $stamp -print -quit)
  fi
  [[ $newer ]] || return 0
  say "web: npm run build"
  mkdir -p build
  touch $stamp.begun
  npm --prefix web run --silent build || die "the web console does not build"
  mv $stamp.begun $stamp
}

# connectors_setup: the connectors and what they need, as the lock file says. After web_build: they are built on its client.
connectors_setup() {
  local stamp=connectors/node_modules/.set-up-for lock
  lock=$(sha256sum < connectors/package-lock.json)
  if [[ ! -f $stamp || $(< $stamp) != "$lock" ]]; then
    say "connectors: npm ci"
    npm --prefix connectors ci --no-audit --no-fund --loglevel=error || die "npm ci failed in connectors/"
    echo "$lock" > "$stamp"
  fi
  npm --prefix connectors run --silent build || die "the connectors do not build"
}

# build_release TARGET...: all is everything.
build_release() {
  say "building, preset release"
  [[ -f build/release/build.ninja ]] || cmake --preset release > build/configure.log 2>&1 ||
    { cat build/configure.log >&2; die "CMake could not configure"; }
  cmake --build --preset release --target "$@" || die "the build failed"
}
