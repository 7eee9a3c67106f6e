# What we did not write. Debian packages are found here once; SQLite is built from the amalgamation that
# tools/setup fetched (DESIGN of stores: docs/adr/0002), because Debian 12 ships a release with a WAL corruption bug.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(GTest REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)

set(TENURE_SQLITE_DIR "${CMAKE_SOURCE_DIR}/third_party/.fetched/sqlite3" CACHE PATH "folder with sqlite3.c and sqlite3.h")
if(EXISTS "${TENURE_SQLITE_DIR}/sqlite3.c")
  add_library(tenure_sqlite3 STATIC "${TENURE_SQLITE_DIR}/sqlite3.c")
  target_include_directories(tenure_sqlite3 SYSTEM PUBLIC "${TENURE_SQLITE_DIR}")
  # Every connection is ours and stays on one thread at a time; no extension loading, no mmap, no shared cache.
  target_compile_definitions(tenure_sqlite3 PRIVATE
    SQLITE_THREADSAFE=2 SQLITE_DQS=0 SQLITE_OMIT_LOAD_EXTENSION SQLITE_OMIT_SHARED_CACHE SQLITE_OMIT_DEPRECATED
    SQLITE_DEFAULT_WAL_SYNCHRONOUS=2 SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_LIKE_DOESNT_MATCH_BLOBS SQLITE_ENABLE_STAT4)
  target_compile_options(tenure_sqlite3 PRIVATE -O2 -w)
  target_link_libraries(tenure_sqlite3 PUBLIC Threads::Threads)
endif()
