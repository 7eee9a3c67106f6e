# Compiler settings shared by every target of ours. Third-party code is built without these warnings.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)

find_program(TENURE_CCACHE ccache)
if(TENURE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${TENURE_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TENURE_CCACHE}")
endif()

# Linking is half of an edit-and-run cycle; lld takes a fifth of bfd's time (docs/performance.md).
find_program(TENURE_LLD NAMES ld.lld-19 ld.lld)
if(TENURE_LLD)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(-fuse-ld=${TENURE_LLD})
  else()
    # GCC finds "ld.lld" by name only: give it a folder that holds one.
    file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/linker")
    file(CREATE_LINK "${TENURE_LLD}" "${CMAKE_BINARY_DIR}/linker/ld.lld" SYMBOLIC)
    add_link_options(-fuse-ld=lld -B${CMAKE_BINARY_DIR}/linker)
  endif()
endif()

add_library(tenure_warnings INTERFACE)
# -Wno-maybe-uninitialized: GCC 12 says it of std::variant inside std::expected, wrongly; clang-tidy and the sanitizers look.
# -Wno-deprecated-declarations: libstdc++ 12 calls its own deprecated buffer in stable_sort, and clang says so.
target_compile_options(tenure_warnings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Wundef
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wno-deprecated-declarations -Wno-missing-field-initializers>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers -Wno-maybe-uninitialized>)
