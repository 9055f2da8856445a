# Build step of EmbedAssets.cmake: writes OUT/assets.cpp for the files of DIST. Run by cmake -P.
cmake_minimum_required(VERSION 3.22)

function(content_type path out)
  set(known
    html=text/html js=text/javascript css=text/css json=application/json svg=image/svg+xml png=image/png
    ico=image/x-icon webp=image/webp woff2=font/woff2 txt=text/plain map=application/json
    webmanifest=application/manifest+json)
  get_filename_component(ext ${path} LAST_EXT)
  set(type application/octet-stream)
  foreach(pair ${known})
    string(REGEX MATCH "^([^=]+)=(.*)$" _ ${pair})
    if(ext STREQUAL ".${CMAKE_MATCH_1}")
      set(type ${CMAKE_MATCH_2})
    endif()
  endforeach()
  if(type MATCHES "^text/|json$")
    string(APPEND type "; charset=utf-8")
  endif()
  set(${out} "${type}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE files RELATIVE ${DIST} ${DIST}/*)
list(SORT files)
file(REMOVE_RECURSE ${OUT}/gz)
file(MAKE_DIRECTORY ${OUT}/gz)

set(blobs "")
set(externs "")
set(rows "")
set(i 0)
foreach(file ${files})
  execute_process(COMMAND gzip -9 -n -c ${DIST}/${file} OUTPUT_FILE ${OUT}/gz/${i} COMMAND_ERROR_IS_FATAL ANY)
  file(SHA256 ${DIST}/${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  file(SIZE ${DIST}/${file} size)
  file(SIZE ${OUT}/gz/${i} gzip_size)
  content_type(${file} type)
  # What Vite puts under assets/ has its hash in its name.
  set(immutable false)
  if(file MATCHES "^assets/")
    set(immutable true)
  endif()
  string(APPEND blobs
    "    \"asset_${i}: .incbin \\\"${DIST}/${file}\\\"\\n\"\n"
    "    \"asset_${i}_gz: .incbin \\\"${OUT}/gz/${i}\\\"\\n\"\n")
  string(APPEND externs "extern const char asset_${i}[], asset_${i}_gz[];\n")
  string(APPEND rows
    "    {\"/${file}\", \"${type}\", \"\\\"${hash}\\\"\", ${immutable}, {asset_${i}, ${size}}, {asset_${i}_gz, ${gzip_size}}},\n")
  math(EXPR i "${i} + 1")
endforeach()

set(text "// Made by cmake/EmbedAssetsScript.cmake.\n#include \"net/assets.hpp\"\n\n")
if(i GREATER 0)
  string(APPEND text
    "asm(\".section .rodata\\n\"\n${blobs}    \".previous\\n\");\n\n"
    "extern \"C\" {\n${externs}}\n\n"
    "namespace inboxd::net {\n"
    "std::span<const Asset> embedded_assets() {\n"
    "  static const Asset assets[] = {\n${rows}  };\n"
    "  return assets;\n}\n}  // namespace inboxd::net\n")
else()
  string(APPEND text
    "namespace inboxd::net {\nstd::span<const Asset> embedded_assets() { return {}; }\n}  // namespace inboxd::net\n")
endif()
file(WRITE ${OUT}/assets.cpp "${text}")
