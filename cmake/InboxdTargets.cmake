# The two ways to make a target here. A folder without sources gives an INTERFACE library or no executable,
# so that the tree configures whatever is written already.

add_library(inboxd_options INTERFACE)
target_include_directories(inboxd_options INTERFACE ${PROJECT_SOURCE_DIR})
# A designated initializer that leaves members at their defaults is meant so.
target_compile_options(inboxd_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  # With optimisation, GCC 12 and 13 raise these falsely about std::string and std::variant (GCC bugs 105329, 105651, 105562).
  target_compile_options(inboxd_options INTERFACE
    -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized)
endif()

# Makes precompiled headers and ccache agree.
function(inboxd_precompile target)
  if(NOT INBOXD_PCH)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  else()
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# inboxd_library(name [LINK targets...] [PCH headers...] [EXCLUDE regex]): a layer, from all .cpp below the current folder.
function(inboxd_library name)
  cmake_parse_arguments(arg "" "EXCLUDE" "LINK;PCH" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX ${arg_EXCLUDE})
  endif()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC ${arg_LINK} PRIVATE inboxd_options)
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    if(arg_PCH)
      inboxd_precompile(${name} ${arg_PCH})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_LINK})
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
  endif()
endfunction()

# inboxd_executable(name folder [LINK targets...] [PCH headers...]): from all .cpp in the folder; skipped while there are none.
function(inboxd_executable name folder)
  cmake_parse_arguments(arg "" "" "LINK;PCH" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    message(STATUS "${name}: no sources in ${folder} yet, skipped")
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${arg_LINK} inboxd_options)
  if(arg_PCH)
    inboxd_precompile(${name} ${arg_PCH})
  endif()
endfunction()
