# Everything that the project is built on, found once. Versions: Debian 12's or newer (docs/decisions/0001).
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(CAF 0.17.6 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(simdjson 3.0 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)

# These have no CMake config in Debian, or one that asks for more than it needs.
find_package(PkgConfig REQUIRED)
pkg_check_modules(rocksdb REQUIRED IMPORTED_TARGET rocksdb>=7.8)
pkg_check_modules(xapian REQUIRED IMPORTED_TARGET xapian-core>=1.4)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc>=2.6)
pkg_check_modules(libjwt REQUIRED IMPORTED_TARGET libjwt>=1.10)

# The server's allocator (docs/decisions/0006). Sanitizers bring their own.
if(NOT INBOXD_SANITIZE)
  pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
endif()

if(INBOXD_TESTS)
  find_package(Catch2 REQUIRED)
  find_package(nlohmann_json 3.11 REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
if(INBOXD_BENCH)
  find_package(benchmark REQUIRED)
endif()
