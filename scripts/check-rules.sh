#!/usr/bin/env bash
# Checks docs/RULES.md: a row for every rule and settled point, files and tests that are there; --fix writes its column of tests.
# shellcheck disable=SC2016  # the quoted programs are perl's
set -euo pipefail
cd "$(dirname "$0")/.."
table=docs/RULES.md
tests=$(mktemp)
trap 'rm -f "$tests"' EXIT

# One line a test whose name begins with numbers: NUMBER, file, name. A C++ name may be several literals.
find tests web -name node_modules -prune -o \( -name '*.cpp' -o -name '*.ts' -o -name '*.tsx' -o -name '*.mjs' \) -print0 2> /dev/null |
  sort -z | xargs -0 perl -0777 -ne '
    while (/\b(?:TEST_CASE|SECTION|test|it)\s*\(\s*((?:(?:"(?:[^"\\]|\\.)*"|\x27(?:[^\x27\\]|\\.)*\x27)\s*)+)/g) {
      my $name = join "", map { substr $_, 1, -1 } $1 =~ /"(?:[^"\\]|\\.)*"|\x27(?:[^\x27\\]|\\.)*\x27/g;
      my $numbers = $name =~ s/^((?:[RS]\d+(?:, | and | )?)+)//r;
      next if $numbers eq $name;
      my $cited = substr $name, 0, length($name) - length($numbers);
      print "$_\t$ARGV\t$numbers\n" for $cited =~ /[RS]\d+/g;
    }' > "$tests"

if [[ ${1:-} == --fix ]]; then
  perl -i -pe '
    BEGIN { open my $in, "<", shift or die; while (<$in>) { chomp; my ($n, $f, $t) = split /\t/; push @{$by{$n}{$f}}, $t } }
    if (/^\| ([RS]\d+) \|/) {
      my $found = $by{$1} // {};
      my $cell = join "<br>", map { my $f = $_; "`$f`: " . join "; ", map { s/\|/\\|/gr } @{$found->{$f}} } sort keys %$found;
      $cell ||= "none yet";
      s/^((?:\| [^|]* ){3}\| ).*\|$/$1$cell |/;
    }' "$tests" "$table"
fi

perl -e '
  my ($tests, $table) = @ARGV;
  my (%known, %rows, $bad);
  open my $in, "<", $tests or die; while (<$in>) { chomp; my ($n, $f, $t) = split /\t/; $known{"$n\t$f"} .= "\n$t\n" }
  open $in, "<", $table or die "check-rules: $table is missing\n";
  while (<$in>) {
    next unless /^\| ([RS]\d+) \| [^|]* \| ([^|]*) \| (.*) \|$/;
    my ($number, $where, $cell) = ($1, $2, $3);
    $rows{$number} = 1;
    for ($where =~ /`([^`]+)`/g) { -e or do { print "$number names $_, which is not there\n"; $bad = 1 } }
    next if $cell eq "none yet";
    for my $part (split /<br>/, $cell) {
      my ($file, $names) = $part =~ /^`([^`]+)`: (.*)$/ or do { print "$number: unreadable: $part\n"; $bad = 1; next };
      my $rest = $names =~ s/\\\|/|/gr;
      my $all = $known{"$number\t$file"} // "";
      # Names may hold "; " themselves: take away those that exist; nothing may be left.
      for (sort { length $b <=> length $a } grep { length } split /\n+/, $all) { $rest =~ s/(^|; )\Q$_\E(?=; |$)// }
      if ($rest ne "") { print "$number names a test that $file has not: $rest\n"; $bad = 1 }
    }
  }
  for ((map { "R$_" } 1 .. 14), map { "S$_" } 1 .. 43) { $rows{$_} or do { print "$_ has no row\n"; $bad = 1 } }
  die "check-rules: the above is wrong in $table; --fix rewrites its tests\n" if $bad;
' "$tests" "$table"
