# tenure_library(<name> HEADERS ... SOURCES ... [DEPS ...] [PRIVATE_DEPS ...] [LINK ...]
#                [TESTS ...] [TEST_DEPS ...] [TEST_LINK ...] [TEST_LABELS ...] [TEST_COST <seconds>]
#                [TESTING_SOURCES ...] [TESTING_DEPS ...])
#
# One call declares a library with its own include root (so that an undeclared dependency does not compile), its public
# headers (each is compiled alone by the target all_verify_interface_header_sets), its tests and, as the separate target
# tenure_<name>_testing, the fakes and conformance suites that other tests may use. No product target links a *_testing.
#
# DEPS and PRIVATE_DEPS name our libraries (base, model, ...); LINK names third-party targets. The edges are written to
# <build>/edges.txt and compared with cmake/allowed_edges.txt by the test house/edges; one of our targets under LINK is an
# edge too.
function(tenure_library name)
  cmake_parse_arguments(A "" "TEST_COST"
    "HEADERS;SOURCES;DEPS;PRIVATE_DEPS;LINK;PRIVATE_LINK;TESTS;TEST_DEPS;TEST_LINK;TEST_LABELS;TESTING_SOURCES;TESTING_DEPS" ${ARGN})
  if(A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tenure_library(${name}): unknown arguments ${A_UNPARSED_ARGUMENTS}")
  endif()
  set(target tenure_${name})
  add_library(${target} STATIC ${A_SOURCES})
  add_library(tenure::${name} ALIAS ${target})
  set(headers ${A_HEADERS})
  list(TRANSFORM headers PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/include/tenure/${name}/")
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${CMAKE_CURRENT_SOURCE_DIR}/include" FILES ${headers})
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
  foreach(dep ${A_DEPS})
    target_link_libraries(${target} PUBLIC tenure::${dep})
    set_property(GLOBAL APPEND PROPERTY TENURE_EDGES "${name} ${dep}")
  endforeach()
  foreach(dep ${A_PRIVATE_DEPS})
    target_link_libraries(${target} PRIVATE tenure::${dep})
    set_property(GLOBAL APPEND PROPERTY TENURE_EDGES "${name} ${dep}")
  endforeach()
  foreach(linked ${A_LINK} ${A_PRIVATE_LINK})
    if(linked MATCHES "^tenure(::|_)(.+)$" AND NOT linked STREQUAL "tenure_sqlite3")
      set_property(GLOBAL APPEND PROPERTY TENURE_EDGES "${name} ${CMAKE_MATCH_2}")
    endif()
  endforeach()
  target_link_libraries(${target} PUBLIC ${A_LINK} PRIVATE ${A_PRIVATE_LINK} tenure_warnings)

  if(A_TESTING_SOURCES)
    add_library(${target}_testing STATIC ${A_TESTING_SOURCES})
    add_library(tenure::${name}_testing ALIAS ${target}_testing)
    target_include_directories(${target}_testing PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/testing/include")
    target_link_libraries(${target}_testing PUBLIC ${target} PRIVATE tenure_warnings)
    foreach(dep ${A_TESTING_DEPS})
      target_link_libraries(${target}_testing PUBLIC ${dep})
    endforeach()
  endif()

  if(A_TESTS)
    tenure_test(${name}_test SOURCES ${A_TESTS} DEPS ${name} ${A_TEST_DEPS} LINK ${A_TEST_LINK}
      LABELS ${A_TEST_LABELS} COST ${A_TEST_COST} INCLUDE "${CMAKE_CURRENT_SOURCE_DIR}/src")
    if(A_TESTING_SOURCES)
      target_link_libraries(${name}_test PRIVATE ${target}_testing)
    endif()
  endif()
endfunction()

# tenure_test(<name> SOURCES ... [DEPS ...] [LINK ...] [LABELS ...] [COST <seconds>])
# One GoogleTest program, one ctest entry. COST lets ctest -j start the long ones first. LABELS:
#   peers        starts real servers
#   soak         runs for minutes by design: only in make soak
#   conformance  a conformance suite against an implementation, or a benchmark at 1/100 size that checks its answers:
#                also in make conformance
# A test of a library or connector that is neither "peers" nor "soak" gets the label "unit" as well: make test runs it a
# second time under the sanitizers (target unit_tests).
function(tenure_test name)
  cmake_parse_arguments(A "" "COST" "SOURCES;DEPS;LINK;LABELS;INCLUDE" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  foreach(dep ${A_DEPS})
    target_link_libraries(${name} PRIVATE tenure::${dep})
  endforeach()
  target_link_libraries(${name} PRIVATE ${A_LINK} GTest::gmock GTest::gtest_main tenure_warnings)
  target_include_directories(${name} PRIVATE ${A_INCLUDE})
  target_compile_definitions(${name} PRIVATE TENURE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set(labels ${A_LABELS})
  file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  if(folder MATCHES "^(libs|connectors)/" AND NOT "peers" IN_LIST labels AND NOT "soak" IN_LIST labels)
    list(APPEND labels unit)
    set_property(GLOBAL APPEND PROPERTY TENURE_UNIT_TESTS ${name})
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${labels}")
  if(A_COST)
    set_tests_properties(${name} PROPERTIES COST ${A_COST})
  endif()
endfunction()

# tenure_finish(): once, after every library and test is declared.
function(tenure_finish)
  get_property(unit_tests GLOBAL PROPERTY TENURE_UNIT_TESTS)
  add_custom_target(unit_tests DEPENDS ${unit_tests})
  get_property(edges GLOBAL PROPERTY TENURE_EDGES)
  list(SORT edges)
  list(REMOVE_DUPLICATES edges)
  list(JOIN edges "\n" text)
  file(WRITE "${CMAKE_BINARY_DIR}/edges.txt" "${text}\n")
endfunction()
