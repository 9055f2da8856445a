#include "bench/inbox_bench/views_sql.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace inboxd::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> programs{"initdb", "postgres", "psql"};

// The contacts of views_inbox.cpp, an index for each shape of filter and sort, and its views as
// queries. `measure` is a procedure, so that each update is a transaction of its own.
constexpr const char* schema = R"(
create table contacts(
  id bigint primary key, name text not null, status text not null, assignee text,
  tags text[] not null, plan text, score float8, unread int not null, sort_at bigint not null,
  blocked boolean not null);
insert into contacts
select i + 1, 'Customer ' || i, case when i % 10 < 4 then 'open' else 'done' end,
  case when i % 10 <> 0 and i % 10 < 4 and i % 2 = 0 then 'agent' || i % 500 end,
  array[case when i % 10 = 0 then 'vip' else 'tag' || i % 1000 end],
  case when i % 10 <> 0 then 'plan' || i % 200 end, i % 100,
  case when i % 5 = 0 then 1 else 0 end, i * 7919 % 1000000007, false
from generate_series(0::bigint, :contacts - 1) i;
create index on contacts(sort_at desc, id) where not blocked;
create index on contacts(status, sort_at desc, id) where not blocked;
create index on contacts(assignee, status);
create index on contacts(plan);
create index on contacts(score);
create index on contacts using gin(tags);
do $$ begin
  create extension pg_trgm;
  create index on contacts using gin(name gin_trgm_ops);
exception when others then raise notice 'without trigrams: %', sqlerrm;
end $$;
vacuum analyze contacts;

create type counted as (contacts bigint, unread_contacts bigint, unread_messages bigint);
create function idle_view(i int) returns counted language plpgsql as $$
declare c counted;
begin
  if i % 100 = 49 then
    select count(*), count(*) filter (where unread > 0), coalesce(sum(unread), 0) into c
    from contacts where status = 'open' and name ilike '%nobody' || i || '%' and not blocked;
  elsif i % 100 = 99 then
    select count(*), count(*) filter (where unread > 0), coalesce(sum(unread), 0) into c
    from contacts where score > 100 + i and not blocked;
  elsif i % 3 = 0 then
    select count(*), count(*) filter (where unread > 0), coalesce(sum(unread), 0) into c
    from contacts where status = 'open' and tags && array['tag' || i] and not blocked;
  elsif i % 3 = 1 then
    select count(*), count(*) filter (where unread > 0), coalesce(sum(unread), 0) into c
    from contacts where status = 'open' and assignee = 'agent' || i and not blocked;
  else
    select count(*), count(*) filter (where unread > 0), coalesce(sum(unread), 0) into c
    from contacts where plan = 'plan' || i and not blocked;
  end if;
  return c;
end $$;
create function matching_view(i int) returns counted language plpgsql as $$
declare c counted; r contacts[];
begin
  select array_agg(t) into r from (
    select * from contacts where status = 'open' and tags && array['vip', 'also' || i]
      and not blocked order by sort_at desc, id limit 50) t;
  select count(*), count(*) filter (where unread > 0), coalesce(sum(unread), 0) into c
  from contacts where status = 'open' and tags && array['vip', 'also' || i] and not blocked;
  return c;
end $$;
create function all_view() returns counted language plpgsql as $$
declare c counted; r contacts[];
begin
  select array_agg(t) into r from (
    select * from contacts where not blocked order by sort_at desc, id limit 50) t;
  select count(*), count(*) filter (where unread > 0), coalesce(sum(unread), 0) into c
  from contacts where not blocked;
  return c;
end $$;

-- CPU of this server process: the 14th and 15th words of its stat, in ticks.
create function cpu_ticks() returns bigint language sql as $$
  select w[12]::bigint + w[13]::bigint from (select string_to_array(
    regexp_replace(pg_read_file('/proc/self/stat'), '^.*\) ', ''), ' ') w) t $$;
create procedure measure(idle int, matching int, seconds float8, inout updates int,
                         inout ticks bigint) language plpgsql as $$
declare
  vips bigint := (select count(*) from contacts where tags && array['vip']);
  until timestamptz := clock_timestamp() + make_interval(secs => seconds);
  started bigint := cpu_ticks();
begin
  updates := 0;
  loop
    update contacts set unread = unread + 1,
      sort_at = (extract(epoch from clock_timestamp()) * 1000000)::bigint
    where id = 1 + 10 * floor(random() * vips);
    perform all_view();
    for i in 0 .. idle - 1 loop perform idle_view(i); end loop;
    for i in 0 .. matching - 1 loop perform matching_view(i); end loop;
    commit;
    updates := updates + 1;
    exit when clock_timestamp() > until;
  end loop;
  ticks := cpu_ticks() - started;
end $$;
)";

std::string end_of(const fs::path& log) {
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  const std::string all = text.str();
  return all.substr(all.size() - std::min<std::size_t>(all.size(), 2000));
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace

std::optional<fs::path> SqlViews::installed() {
  std::vector<fs::path> places;
  std::error_code error;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", error)) {
    places.push_back(version.path() / "bin");
  }
  std::sort(places.rbegin(), places.rend());  // the newest first
  const char* path = std::getenv("PATH");
  std::istringstream words(path == nullptr ? "" : path);
  for (std::string word; std::getline(words, word, ':');) places.emplace_back(word);
  for (const auto& place : places) {
    const bool complete = std::all_of(programs.begin(), programs.end(), [&](const char* program) {
      return ::access((place / program).c_str(), X_OK) == 0;
    });
    if (complete) return place;
  }
  return std::nullopt;
}

SqlViews::SqlViews(const fs::path& binaries, const fs::path& place, std::size_t contacts)
    : binaries_(binaries), dir_(place) {
  if (::geteuid() == 0) {
    const auto* user = ::getpwnam("postgres");
    if (user == nullptr) user = ::getpwnam("nobody");
    if (user == nullptr || ::chown(dir_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("PostgreSQL does not run as root, and there is no other user");
    }
    as_other_ = {"/usr/bin/setpriv",
                 "--reuid",
                 std::to_string(user->pw_uid),
                 "--regid",
                 std::to_string(user->pw_gid),
                 "--clear-groups",
                 "--pdeathsig",
                 "KILL"};
  }
  start(contacts);
}

std::vector<std::string> SqlViews::command(const std::string& program,
                                           const std::vector<std::string>& arguments) const {
  auto words = as_other_;
  words.push_back((binaries_ / program).string());
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::string SqlViews::run(const std::vector<std::string>& arguments) {
  const auto log = dir_.path() / "psql.log";
  std::vector<std::string> all{
      "-X", "-q",    "-A", "-t",      "-v", "ON_ERROR_STOP=1", "-h", dir_.path().string(),
      "-U", "bench", "-d", "postgres"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  Child psql(command("psql", all), log);
  std::string last;
  for (auto line = psql.wait_line(""); !line.empty(); line = psql.wait_line("")) last = line;
  if (psql.wait() != 0) throw std::runtime_error("psql failed:\n" + end_of(log));
  return last;
}

void SqlViews::start(std::size_t contacts) {
  const auto log = dir_.path() / "postgres.log";
  const auto data = (dir_.path() / "data").string();
  Child initdb(command("initdb", {"-D", data, "-U", "bench", "-A", "trust", "-N", "--no-locale",
                                  "-E", "UTF8"}),
               log);
  while (!initdb.wait_line("").empty()) {
  }
  (void)initdb.wait();  // the server says what is missing
  server_ =
      std::make_unique<Child>(command("postgres", {"-D", data,
                                                   "-k", dir_.path().string(),
                                                   "-c", "listen_addresses=",
                                                   "-c", "fsync=off",
                                                   "-c", "synchronous_commit=off",
                                                   "-c", "shared_buffers=1GB",
                                                   "-c", "work_mem=64MB",
                                                   "-c", "maintenance_work_mem=256MB",
                                                   "-c", "max_wal_size=8GB",
                                                   "-c", "autovacuum=off",
                                                   "-c", "jit=off",
                                                   "-c", "max_parallel_workers_per_gather=0",
                                                   "-c", "max_parallel_maintenance_workers=0"}),
                              log);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (;;) {
    try {
      run({"-c", "select 1"});
      break;
    } catch (const std::runtime_error&) {
      if (std::chrono::steady_clock::now() > until) {
        throw std::runtime_error("PostgreSQL did not start:\n" + end_of(log));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  const auto script = dir_.path() / "schema.sql";
  write(script, schema);
  run({"-v", "contacts=" + std::to_string(contacts), "-f", script.string()});
}

std::string SqlViews::version() {
  const auto text = run({"-c", "show server_version"});  // "15.18 (Debian …)"
  return text.substr(0, text.find(' '));
}

SqlViews::Cost SqlViews::measure(std::size_t idle, std::size_t matching, double seconds) {
  const auto line =
      run({"-c", "call measure(" + std::to_string(idle) + "," + std::to_string(matching) + "," +
                     std::to_string(seconds) + ",null,null)"});
  std::istringstream words(line);
  double updates = 0, ticks = 0;
  char bar = 0;
  if (!(words >> updates >> bar >> ticks) || updates < 1) {
    throw std::runtime_error("PostgreSQL answered `" + line + "`");
  }
  return {.cpu_us = 1e6 * ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)) / updates,
          .updates = static_cast<std::size_t>(updates)};
}

}  // namespace inboxd::bench
