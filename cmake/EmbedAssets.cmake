# inboxd_embed_assets(target dist_dir): a static library that defines inboxd::net::embedded_assets() (net/assets.hpp)
# with every file of dist_dir, plain and gzip'd. The assembler's .incbin takes the bytes as they are, so megabytes
# cost nothing to compile. Without the folder (a build of the C++ alone) the table is empty.
function(inboxd_embed_assets target dist_dir)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${dist_dir}/*)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target})
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedAssetsScript.cmake)
  add_custom_command(
    OUTPUT ${out}/assets.cpp
    COMMAND ${CMAKE_COMMAND} -DDIST=${dist_dir} -DOUT=${out} -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Embedding ${dist_dir}"
    VERBATIM)
  add_library(${target} STATIC ${out}/assets.cpp)
  target_link_libraries(${target} PRIVATE inboxd_options)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()
