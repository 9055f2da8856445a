# How things are compiled and where results go; nothing here changes what is built.
option(INBOXD_TESTS "Build the tests" ON)
option(INBOXD_BENCH "Build the benchmarks" ON)
option(INBOXD_FUZZ "Build the fuzz targets (clang)" OFF)
option(INBOXD_PCH "Precompile CAF and Beast headers" ON)
option(INBOXD_COVERAGE "Count which lines run (scripts/coverage.sh)" OFF)
set(INBOXD_SANITIZE "" CACHE STRING "Value of -fsanitize= for all our code, or empty")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

# Line tables and frame pointers stay in release: perf and crash reports need them and they cost about nothing.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

find_program(CCACHE ccache)
if(CCACHE)
  # pch_defines, time_macros: without them ccache refuses precompiled headers.
  # Base directory and no working directory in the hash: clones of the project share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${CCACHE})
endif()

# Not lld: exceptions that leave some of GCC 12's functions in what LLD 14 links end in abort() inside the unwinder
# (persistence::recover on a damaged journal was one). It would save a second a program.
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(INBOXD_COVERAGE)
  # Threads count beside each other: without atomic counts some come out negative, which gcovr refuses.
  add_compile_options(--coverage -fprofile-abs-path -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

if(INBOXD_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")  # a third of -O0's time
  add_compile_options(-fsanitize=${INBOXD_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${INBOXD_SANITIZE})
  if(INBOXD_SANITIZE MATCHES undefined)
    # null: CAF 0.17 passes *ptr of an empty shared_ptr<tuple<>> when it spawns from a function (init_fun_factory.hpp);
    # a real access through null ends in AddressSanitizer's report anyway.
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=null)
  endif()
  if(INBOXD_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Asio's fences, which ThreadSanitizer does not follow; Asio also locks a mutex wherever it uses one.
    add_compile_options(-Wno-tsan)
  endif()
endif()
