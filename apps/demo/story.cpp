#include "apps/demo/story.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <random>

namespace inboxd::demo {
namespace {

using enum Language;

constexpr std::array<ChannelRecord, 3> channel_records{{
    {"whatsapp", "whatsapp", "WhatsApp +52 55 1084 7733"},
    {"messenger", "messenger", "Messenger · Tienda Norte"},
    {"web", "webchat", "Chat · tiendanorte.example"},
}};
constexpr std::array<TeamRecord, 2> team_records{{
    {"soporte", "Soporte en español"},
    {"support", "English support"},
}};
constexpr std::array<AgentRecord, 6> agent_records{{
    {"ana", "Ana Belén Ruiz", "ana@tiendanorte.example", "agent", "all", "soporte", spanish},
    {"luis", "Luis Arriaga", "luis@tiendanorte.example", "agent", "team", "soporte", spanish},
    {"john", "John Keller", "john@tiendanorte.example", "agent", "all", "support", english},
    {"mary", "Mary Adebayo", "mary@tiendanorte.example", "agent", "assigned", "support", english},
    {"carmen", "Carmen Solís", "carmen@tiendanorte.example", "manager", "all", "", spanish},
    {"root", "Administration", "", "admin", "all", "", english},
}};

using Random = std::mt19937;

constexpr std::size_t manager = 4;  // of agent_records

template <class List>
auto pick(Random& random, const List& list) {
  return list[random() % list.size()];
}

bool chance(Random& random, unsigned percent) {
  return random() % 100 < percent;
}

std::string digits(Random& random, int count) {
  std::string text;
  while (count-- > 0) text += static_cast<char>('0' + random() % 10);
  return text;
}

// "José Núñez" to "jose.nunez": the letters of the names above.
std::string plain(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, char>, 14> accents{{
      {"á", 'a'},
      {"é", 'e'},
      {"í", 'i'},
      {"ó", 'o'},
      {"ú", 'u'},
      {"ñ", 'n'},
      {"ü", 'u'},
      {"Á", 'a'},
      {"É", 'e'},
      {"Í", 'i'},
      {"Ó", 'o'},
      {"Ú", 'u'},
      {"Ñ", 'n'},
      {"Ü", 'u'},
  }};
  std::string out;
  for (std::size_t i = 0; i < name.size();) {
    const auto* found = std::find_if(accents.begin(), accents.end(), [&](const auto& accent) {
      return name.substr(i).starts_with(accent.first);
    });
    if (found != accents.end()) {
      out += found->second;
      i += found->first.size();
      continue;
    }
    const auto c = static_cast<unsigned char>(name[i++]);
    if (std::isalpha(c) != 0) out += static_cast<char>(std::tolower(c));
  }
  return out;
}

void set_identity(Person& p, Random& random) {
  const bool mexico = p.language == spanish;
  p.phone = mexico ? "+5255" + digits(random, 8) : "+4477" + digits(random, 8);
  p.country = mexico ? "MX" : "GB";
  switch (p.channel) {
    case 0: p.external_id = p.phone.substr(1); break;
    case 1: p.external_id = "24" + digits(random, 14); break;
    default: p.external_id = "visitor-" + std::to_string(p.number) + "-" + digits(random, 6); break;
  }
  // What a platform knows of somebody differs.
  if (p.channel != 0 && chance(random, 70)) p.phone.clear();
  if (chance(random, 55))
    p.email = plain(p.first_name) + "." + plain(p.last_name) + std::to_string(p.number % 90 + 10) +
              "@correo.example";
  if (p.channel == 2 && chance(random, 25)) p.last_name.clear();
}

std::size_t agent_for(const Person& p, Random& random) {
  // Two colleagues for each language; the first has more to do.
  const std::size_t first = p.language == spanish ? 0 : 2;
  return first + (chance(random, 40) ? 1 : 0);
}

}  // namespace

std::span<const ChannelRecord> channels() {
  return channel_records;
}
std::span<const TeamRecord> teams() {
  return team_records;
}
std::span<const AgentRecord> agents() {
  return agent_records;
}

Person person(std::uint32_t number) {
  Random random(number * 7919 + 17);
  Person p;
  p.number = number;
  p.script = &scripts()[random() % scripts().size()];
  p.language = p.script->language;
  const Names& pool = names(p.language);
  p.channel = chance(random, 55) ? 0 : chance(random, 50) ? 1 : 2;
  p.first_name = pick(random, pool.first);
  p.last_name = pick(random, pool.last);
  p.city = pick(random, pool.cities);
  p.product = pick(random, pool.products);
  p.day = pick(random, pool.days);
  p.order = "TN-" + digits(random, 5);
  p.amount = p.language == spanish ? "$" + std::to_string(random() % 40 * 50 + 349) + " MXN"
                                   : "£" + std::to_string(random() % 180 + 15) + ".90";
  set_identity(p, random);
  return p;
}

std::string Person::say(std::string_view line, std::string_view agent_name) const {
  const std::array<std::pair<std::string_view, std::string_view>, 7> values{{
      {"{name}", first_name},
      {"{agent}", agent_name.substr(0, agent_name.find(' '))},
      {"{order}", order},
      {"{product}", product},
      {"{city}", city},
      {"{day}", day},
      {"{amount}", amount},
  }};
  std::string text(line);
  for (const auto& [key, value] : values) {
    for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + value.size()))
      text.replace(at, key.size(), value);
  }
  return text;
}

std::vector<Step> history(const Person& p) {
  using What = Step::What;
  Random random(p.number * 104729 + 5);
  const auto& lines = p.script->lines;
  // A third is still waiting for a first answer, a third is in the middle, a third came to its end.
  const unsigned fate = random() % 100;
  const std::size_t length = fate < 30   ? 1 + random() % 2
                             : fate < 60 ? 2 + random() % (lines.size() - 1)
                                         : lines.size();
  const auto agent = agent_for(p, random);
  std::vector<Step> steps;
  bool known =
      agents()[agent].visibility != "assigned";  // who sees only their own must be given it
  for (std::size_t i = 0; i < length && i < lines.size(); ++i) {
    const auto text = p.say(lines[i].substr(1), agents()[agent].name);
    if (lines[i][0] == '<') {
      steps.push_back({What::write, {}, text});
      continue;
    }
    if (fate < 30) break;
    if (!known) steps.push_back({What::assign, manager, std::string(agents()[agent].id)});
    known = true;
    steps.push_back({lines[i][0] == '>' ? What::reply : What::comment, agent, text});
  }
  const bool answered = std::ranges::any_of(
      steps, [](const Step& step) { return step.agent && step.what == What::reply; });
  if (answered || chance(random, 30)) steps.push_back({What::tag, answered ? agent : manager, ""});
  if (answered && chance(random, 85)) steps.push_back({What::read, agent, ""});
  if (!answered && chance(random, 15)) steps.push_back({What::assign_team, manager, ""});
  if (answered && fate >= 60 && fate < 88) {
    steps.push_back({What::done, agent, ""});
    if (chance(random, 12))  // and came back
      steps.push_back({What::write, {}, p.say(pick(random, names(p.language).reopenings))});
  }
  if (answered && fate >= 88 && fate < 97)
    steps.push_back({What::snooze, agent, "", static_cast<std::uint32_t>(3 + random() % 600)});
  if (fate == 29) steps.push_back({What::block, manager, ""});
  return steps;
}

std::vector<std::string> next_lines(const Person& p, std::size_t& from) {
  const auto& lines = p.script->lines;
  while (from < lines.size() && lines[from][0] != '<') ++from;
  std::vector<std::string> texts;
  for (; from < lines.size() && lines[from][0] == '<'; ++from)
    texts.push_back(p.say(lines[from].substr(1)));
  return texts;
}

}  // namespace inboxd::demo
