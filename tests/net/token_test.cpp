#include "net/token.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::net;

namespace {

const std::string secret(32, 'k');
constexpr model::Timestamp now{1'700'000'000'000};
constexpr auto later = "1700000060";

std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::string mac(const std::string& text, const std::string& key) {
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(bytes.data()), &size);
  return bytes.substr(0, size);
}

std::string hs256(const std::string& header, const std::string& payload,
                  const std::string& key = secret) {
  const auto text = base64url(header) + "." + base64url(payload);
  return text + "." + base64url(mac(text, key));
}

const std::string plain_header = R"({"alg":"HS256","typ":"JWT"})";

std::string claims(const std::string& more, const std::string& exp = later) {
  return R"({"sub":"ana","ws":"default","exp":)" + exp + (more.empty() ? "" : "," + more) + "}";
}

std::string good_claims() {
  return claims(R"("kind":"agent","role":"manager")");
}

void refused(const TokenKeys& keys, const std::string& token) {
  const auto result = keys.verify(token, now);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().reason == model::Reason::unauthenticated);
}

struct KeyPair {
  EVP_PKEY* key;
  explicit KeyPair(EVP_PKEY* k) : key(k) {}
  ~KeyPair() { EVP_PKEY_free(key); }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;

  std::string public_pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
  std::string sign(const std::string& text, const EVP_MD* digest) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    std::string signature(1024, '\0');
    std::size_t size = signature.size();
    EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key);
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    return signature.substr(0, size);
  }
  std::string token(const std::string& header, const EVP_MD* digest) const {
    const auto text = base64url(header) + "." + base64url(good_claims());
    return text + "." + base64url(sign(text, digest));
  }
};

}  // namespace

TEST_CASE("a good token says who is there") {
  const TokenKeys keys(secret);
  const auto result = keys.verify(hs256(plain_header, good_claims()), now);
  REQUIRE(result.has_value());
  CHECK(result->workspace == model::WorkspaceId("default"));
  CHECK(result->principal.kind == model::PrincipalKind::agent);
  CHECK(result->principal.id == "ana");
  CHECK(result->principal.role == model::Role::manager);
  CHECK(result->expires_at == model::Timestamp{1'700'000'060'000});
}

TEST_CASE("what is signed here is accepted here") {
  const TokenKeys keys(secret);
  const model::Principal connector{model::PrincipalKind::connector, "c", model::Role::agent,
                                   model::ChannelId("wa")};
  const auto token = sign_token(secret, model::WorkspaceId("w"), connector, {now.ms + 5000});
  const auto result = keys.verify(token, now);
  REQUIRE(result.has_value());
  CHECK(result->principal == connector);
}

TEST_CASE("a token without a good signature is refused") {
  const TokenKeys keys(secret);
  const auto good = hs256(plain_header, good_claims());
  refused(keys, "");
  refused(keys, "..");
  refused(keys, "a.b.c");
  refused(keys, good.substr(0, good.rfind('.')));
  refused(keys, good.substr(0, good.rfind('.') + 1));
  refused(keys, good + ".x");
  refused(keys, good + "=");
  refused(keys, hs256(plain_header, good_claims(), std::string(32, 'x')));
  auto changed = good;
  changed[good.find('.') + 3] ^= 1;
  refused(keys, changed);
}

TEST_CASE("the token does not choose its algorithm") {
  TokenKeys keys(secret);
  const KeyPair rsa(EVP_RSA_gen(2048));
  keys.add("r", rsa.public_pem());
  const auto none = base64url(R"({"alg":"none"})") + "." + base64url(good_claims()) + ".";
  refused(keys, none);
  refused(keys, hs256(R"({"alg":"none"})", good_claims()));
  refused(keys, hs256(R"({"alg":"HS512"})", good_claims()));
  // The public key, which everybody knows, is no HMAC secret.
  refused(keys, hs256(R"({"alg":"HS256","kid":"r"})", good_claims(), rsa.public_pem()));
  refused(keys, hs256(R"({"alg":"RS256","kid":"r"})", good_claims()));
  refused(keys, rsa.token(R"({"alg":"RS256"})", EVP_sha256()));
}

TEST_CASE("configured public keys are chosen by kid") {
  TokenKeys keys(secret);
  const KeyPair rsa(EVP_RSA_gen(2048)), old(EVP_RSA_gen(2048));
  const KeyPair ed(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  keys.add("new", rsa.public_pem());
  keys.add("old", old.public_pem());
  keys.add("ed", ed.public_pem());
  CHECK(keys.verify(rsa.token(R"({"alg":"RS256","kid":"new"})", EVP_sha256()), now).has_value());
  CHECK(keys.verify(old.token(R"({"alg":"RS256","kid":"old"})", EVP_sha256()), now).has_value());
  CHECK(keys.verify(ed.token(R"({"alg":"EdDSA","kid":"ed"})", nullptr), now).has_value());
  refused(keys, rsa.token(R"({"alg":"RS256","kid":"old"})", EVP_sha256()));
  refused(keys, rsa.token(R"({"alg":"RS256","kid":"gone"})", EVP_sha256()));
  refused(keys, rsa.token(R"({"alg":"RS384","kid":"new"})", EVP_sha384()));
  refused(keys, ed.token(R"({"alg":"RS256","kid":"ed"})", nullptr));
  refused(keys, ed.token(R"({"alg":"EdDSA","kid":"new"})", nullptr));
}

TEST_CASE("a weak or unreadable public key is refused when it is configured") {
  TokenKeys keys(secret);
  CHECK_THROWS_AS(keys.add("k", "not a key"), std::runtime_error);
  CHECK_THROWS_AS(keys.add("k", KeyPair(EVP_RSA_gen(1024)).public_pem()), std::runtime_error);
}

TEST_CASE("exp is required and exact, nbf is kept") {
  const TokenKeys keys(secret);
  const std::string who = R"("kind":"agent")";
  refused(keys, hs256(plain_header, claims(who, "1700000000")));
  refused(keys, hs256(plain_header, claims(who, "1699999999")));
  refused(keys, hs256(plain_header, claims(who, "\"1700000060\"")));
  refused(keys, hs256(plain_header, claims(who, "-1")));
  refused(keys, hs256(plain_header, claims(who, "1e300")));
  refused(keys, hs256(plain_header, R"({"sub":"ana","ws":"default","kind":"agent"})"));
  refused(keys, hs256(plain_header, claims(who + R"(,"nbf":1700000001)")));
  CHECK(keys.verify(hs256(plain_header, claims(who + R"(,"nbf":1700000000)")), now).has_value());
  CHECK(keys.verify(hs256(plain_header, claims(who, "1700000000.5")), now).has_value());
}

TEST_CASE("claims that say nobody are refused") {
  const TokenKeys keys(secret);
  const auto payload = [](const std::string& text) { return hs256(plain_header, text); };
  refused(keys, payload(R"({"ws":"default","kind":"agent","exp":1700000060})"));
  refused(keys, payload(R"({"sub":"ana","kind":"agent","exp":1700000060})"));
  refused(keys, payload(claims("")));
  refused(keys, payload(claims(R"("kind":"system")")));
  refused(keys, payload(claims(R"("kind":"root")")));
  refused(keys, payload(claims(R"("kind":"agent","role":"owner")")));
  refused(keys, payload(claims(R"("kind":"connector")")));
  refused(keys, payload(R"({"sub":"a b","ws":"default","kind":"agent","exp":1700000060})"));
  refused(keys, payload("[]"));
  refused(keys, payload("nonsense"));
}

TEST_CASE("a header that asks for more than is understood is refused") {
  const TokenKeys keys(secret);
  refused(keys, hs256(R"({"alg":"HS256","crit":["exp"]})", good_claims()));
  refused(keys, hs256(R"({"typ":"JWT"})", good_claims()));
}

namespace {

struct TempDirectory {
  std::filesystem::path path;
  TempDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "inboxd-test-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~TempDirectory() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("the signing key is made once, for the owner's eyes only") {
  const TempDirectory directory;
  const auto key = load_or_make_signing_key(directory.path);
  CHECK(key.size() == 32);
  CHECK(load_or_make_signing_key(directory.path) == key);
  struct stat info {};
  REQUIRE(::stat((directory.path / "signing.key").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600);
}

TEST_CASE("a signing key that others may read, or that is short, is refused") {
  const TempDirectory directory;
  const auto path = directory.path / "signing.key";
  load_or_make_signing_key(directory.path);
  ::chmod(path.c_str(), 0644);
  CHECK_THROWS_AS(load_or_make_signing_key(directory.path), std::runtime_error);
  ::chmod(path.c_str(), 0600);
  std::ofstream(path, std::ios::trunc) << "short";
  CHECK_THROWS_AS(load_or_make_signing_key(directory.path), std::runtime_error);
}
