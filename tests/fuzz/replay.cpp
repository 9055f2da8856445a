// Runs a fuzz target where there is no libFuzzer: its corpus, and changes of it that a seed draws.
// The short version of `tests/campaign fuzz`, in ./test:  fuzz_NAME CORPUS [SEED=1] [INPUTS=20000]
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Random = std::mt19937_64;
constexpr std::size_t bytes_max = 4096;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const std::string* running = nullptr;

/// The input that breaks the target goes to standard error, to become one of the corpus.
void tell(int signal) {
  constexpr char what[] = "\nthe input:\n";
  if (::write(STDERR_FILENO, what, sizeof what - 1) < 0 ||
      ::write(STDERR_FILENO, running->data(), running->size()) < 0) {
    ::_exit(1);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  running = &input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// A flipped bit, another byte, a piece left out, doubled, or taken from another input.
void change(std::string& input, const std::vector<std::string>& corpus, Random& random) {
  const auto at = input.empty() ? 0 : random() % input.size();
  const auto length = std::min<std::size_t>(1 + random() % 16, input.size() - at);
  switch (input.empty() ? 4 : random() % 5) {
    case 0: input[at] = static_cast<char>(input[at] ^ (1 << random() % 8)); break;
    case 1: input[at] = static_cast<char>(random()); break;
    case 2: input.erase(at, length); break;
    case 3: input.insert(at, input.substr(at, length)); break;
    default: {
      const auto& other = corpus[random() % corpus.size()];
      if (other.empty()) break;
      const auto from = random() % other.size();
      input.insert(at, other.substr(from, 1 + random() % 64));
    }
  }
  if (input.size() > bytes_max) input.resize(bytes_max);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("usage: fuzz_NAME CORPUS [SEED] [INPUTS]\n", stderr), 2;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const std::uint64_t inputs = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 20'000;
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(argv[1]))
    paths.push_back(file.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths) corpus.push_back(read_file(path));
  std::signal(SIGABRT, tell);
  std::signal(SIGSEGV, tell);
  for (const auto& input : corpus) run(input);
  Random random(seed);
  for (std::uint64_t n = 0; n < inputs && !corpus.empty(); ++n) {
    auto input = corpus[random() % corpus.size()];
    for (auto changes = 1 + random() % 8; changes > 0; --changes) change(input, corpus, random);
    run(input);
  }
  std::printf("%zu inputs of the corpus and %llu changed ones, seed %llu\n", corpus.size(),
              static_cast<unsigned long long>(inputs), static_cast<unsigned long long>(seed));
  std::puts(corpus.empty() ? "test cases: 1 | 0 passed | 1 failed"
                           : "All tests passed: 1 test cases");
  return corpus.empty() ? 1 : 0;
}
