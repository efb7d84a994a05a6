# SPDX-License-Identifier: Apache-2.0
# Writes the files of the page into a .cc, so that the program is all there is to install:
#   cmake -DFROM=src/admin/window/assets -DINTO=build/page_files.cc -P embed.cmake
# In HTML, @ASSETS@ becomes "assets/" and a digest of all files: what stands under such an address never changes, and
# browsers may keep it for ever.
cmake_policy(VERSION 3.25)
file(GLOB FILES LIST_DIRECTORIES false RELATIVE ${FROM} ${FROM}/*.html ${FROM}/*.css ${FROM}/*.js ${FROM}/*.svg)
list(SORT FILES)
set(DIGESTS "")
foreach(FILE ${FILES})
  file(SHA256 ${FROM}/${FILE} DIGEST)
  string(APPEND DIGESTS "${FILE} ${DIGEST}\n")
endforeach()
string(SHA256 VERSION "${DIGESTS}")
string(SUBSTRING ${VERSION} 0 16 VERSION)

set(ROWS "")
foreach(FILE ${FILES})
  file(READ ${FROM}/${FILE} HEX HEX)
  if(FILE MATCHES "\\.html$")
    string(HEX "@ASSETS@" MARK)
    string(HEX "assets/${VERSION}" PLACE)
    string(REPLACE ${MARK} ${PLACE} HEX ${HEX})
  endif()
  string(REGEX REPLACE "(..)" "\\\\x\\1" BYTES ${HEX})
  string(APPEND ROWS "    {\"${FILE}\", \"${BYTES}\"sv},\n")
endforeach()

file(CONFIGURE OUTPUT ${INTO} CONTENT "// Made by src/admin/window/embed.cmake.
#include \"admin/window/page_files.h\"
namespace meerkat::admin {
using namespace std::string_view_literals;
std::string_view page_files_version() { return \"@VERSION@\"; }
std::span<const PageFile> page_files() {
  static constexpr PageFile files[] = {
@ROWS@  };
  return files;
}
}  // namespace meerkat::admin
" @ONLY)
