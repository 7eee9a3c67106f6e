// What a connector supports, what it does not and why; and what its target can prove.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tenure/base/time.hpp>

namespace tenure::connector {

// How a write may be repeated (docs/connectors/README.md). The engine reads back before any resend in every class.
//   A absolute set or remove by id   B create with a natural key   C create with an id the target makes
//   D one-shot side effect, never repeated by itself   E carried out by a person
enum class OperationClass : std::uint8_t { kA, kB, kC, kD, kE };

// The four proofs of an end of access.
struct ProofsAttainable {
  bool configuration = true;
  bool effective_access = false;
  bool login_refused = false;
  bool sessions_zero = false;
};

struct Unsupported {
  std::string what;  // "end sessions"
  std::string why;   // "the mainframe has no interface"
};

struct Manifest {
  std::string connector;  // "ldap"
  std::string title;      // "OpenLDAP and other LDAP v3 directories"
  bool reads_accounts = false;
  bool writes_accounts = false;
  bool writes_grants = false;
  bool ends_sessions = false;
  bool reads_feed = false;
  bool manual = false;  // changes are carried out by people: every change becomes a work order
  // The remote object one grant write covers: "account" or "entitlement" (a group that is written as a whole). One
  // change in flight per such object.
  std::string grant_writes_object = "account";
  OperationClass create_class = OperationClass::kB;
  Duration consistency_lag;                               // a read-back may be stale for this long
  Duration request_lifetime_max = Duration::seconds(60);  // the target may still act this long after we gave up
  // How an account reads (Account::restriction) that Tenure itself disabled, where that tells it from other
  // restrictions;
  // "" = it does not.
  std::string own_restriction;
  ProofsAttainable proofs;
  std::vector<std::string> rights_needed;
  std::vector<Unsupported> unsupported;
};

}  // namespace tenure::connector
