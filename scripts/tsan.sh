#!/usr/bin/env bash
# Builds the actor library with ThreadSanitizer and prints where it is: scripts/tsan.sh. Debian's is built without, so that
# ThreadSanitizer sees neither its locks nor its atomics and reports races that are none. The source is that of the
# installed Debian package, fetched by apt-get (which checks its signature); the headers are the installed ones.
# What it makes is kept outside the tree, for all clones: in $XDG_CACHE_HOME/inboxd, or ~/.cache/inboxd.
set -euo pipefail
cd "$(dirname "$0")/.."
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

read -r package version < <(dpkg-query -W -f '${source:Package} ${source:Version}\n' libcaf-dev 2> /dev/null) ||
  die "Debian's libcaf-dev is not installed, so its source cannot be found"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/inboxd/$package-$version-tsan
library=$cache/libcaf_core.a
if [[ ! -f $library ]]; then
  command -v g++ > /dev/null || die "g++ is not installed"
  mkdir -p "$cache"/{apt/lists/partial,apt/parts,source,objects}

  # This system's own package sources, asked for sources; lists of our own, so that the system's stay as they are.
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    [[ -f $file ]] || continue
    sed -E 's/^deb /deb-src /; s/^Types:.*/Types: deb-src/' "$file" > "$cache/apt/parts/${file##*/}"
  done
  apt=(apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$cache/apt/parts"
    -o Dir::State::lists="$cache/apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
  {
    "${apt[@]}" update
    # Upstream's archive alone: Debian's changes to it are to its build, which is not used here.
    (cd "$cache/source" && "${apt[@]}" source --download-only --tar-only "$package=$version")
  } > "$cache/log" 2>&1 || { tail -3 "$cache/log" >&2; die "the source of $package $version cannot be fetched"; }
  tar -xzf "$cache"/source/*.orig.tar.gz -C "$cache/source"

  source=$(find "$cache/source" -type d -path '*/libcaf_core/src')
  launcher=()
  command -v ccache > /dev/null && launcher=(ccache)
  export object_of=$cache/objects source
  compile() { "$@" -o "$object_of/$(tr / _ <<< "${file#"$source"/}").o" -c "$file"; }
  export -f compile
  # shellcheck disable=SC2016  # the inner shell expands it
  # The flags are those of our own code in the preset tsan, without its warnings.
  find "$source" -name '*.cpp' -print0 | xargs -0 -P "$(nproc)" -I FILE bash -c 'file=$1; shift; compile "$@"' _ FILE \
    ${launcher[@]+"${launcher[@]}"} g++ -std=c++17 -O1 -g1 -fPIC -fsanitize=thread -fno-omit-frame-pointer -w \
    >> "$cache/log" 2>&1 || { grep -m3 error: "$cache/log" >&2; die "it does not compile, see $cache/log"; }
  ar rcs "$library.tmp" "$cache"/objects/*.o
  mv "$library.tmp" "$library"
  rm -rf "$cache/objects" "$cache/apt" "$cache/source"
fi
echo "$library"
