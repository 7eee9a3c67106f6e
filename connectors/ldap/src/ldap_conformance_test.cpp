#include "ldap_bench.hpp"

#include <tenure/connector/testing/conformance.hpp>

namespace tenure::connector_ldap {
namespace {

const bool kRegistered =
    connector::testing::register_conformance("Ldap", []() -> connector::testing::Driver& { return driver(); });

}  // namespace
}  // namespace tenure::connector_ldap
