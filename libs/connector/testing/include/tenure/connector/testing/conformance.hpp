// What every account connector must do against the real system, whichever that is. The connector's own test supplies a
// Driver: how to configure the connector, and how to change the target behind its back with the target's own tools.
//
//   Driver& driver() { static LdapDriver one; return one; }
//   const bool registered = connector::testing::register_conformance("Ldap", driver);
//
// Every case opens its own connections through open_checked() and makes its own accounts, so that cases do not depend
// on each other and one target serves all of them. Cases run one at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tenure/base/time.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/connector/testing/map_secrets.hpp>

namespace tenure::connector::testing {

struct Right {
  model::EntitlementId entitlement;
  model::Parameters parameters;
};

// A session that somebody else holds at the target; ends when destroyed.
class OpenSession {
 public:
  virtual ~OpenSession() = default;
  // Asks the target something through it: does it still answer?
  virtual bool alive() = 0;
};

class Driver {
 public:
  virtual ~Driver() = default;
  virtual const Connector& connector() = 0;
  virtual Settings settings() = 0;
  virtual MapSecrets& secrets() = 0;

  // A valid draft with the given name made of [a-z0-9] and at most 12 characters, in an account class of the settings.
  virtual AccountDraft draft(const std::string& name) = 0;
  // At least one attribute of that draft with another value; empty when the target's accounts have no attributes.
  virtual model::AttributeMap changed_attributes(const AccountDraft& draft) = 0;
  // At least two rights with different entitlements that exist, none of them ignored by settings().
  virtual std::vector<Right> rights() = 0;
  // A well-formed id that no account has.
  virtual model::NativeId absent_id() = 0;

  // settings() with an address where nobody listens.
  virtual Settings unreachable() = 0;
  // The reference in settings() under which the secret stands.
  virtual std::string secret_reference() = 0;

  // Behind the connector's back, by the target's own means. An error stops the case.
  virtual Status disable(const model::Account& account) = 0;
  virtual Status remove(const model::Account& account) = 0;
  virtual Status grant(const model::Account& account, const Right& right) = 0;
  virtual Status revoke(const model::Account& account, const Right& right) = 0;
  // nullptr where the target has no sessions (then the connection has no SessionControl either).
  virtual Result<std::unique_ptr<OpenSession>> open_session(const model::Account& account) = 0;

  // The target keeps its connections and answers nothing, until resume(). kConnectorUnsupported where that cannot be
  // staged; the case then only checks that the driver says so.
  virtual Status hang() = 0;
  virtual Status resume() = 0;
};

// What a case found wrong.
class Findings {
 public:
  // Records `what` unless `holds`; returns `holds`.
  bool expect(bool holds, const std::string& what);
  // Records the error of a result that has none to give.
  template <class T>
  bool expect_ok(const T& result, const std::string& what) {
    return expect(result.has_value(), what + (result.has_value() ? "" : ": " + result.error().to_string()));
  }
  template <class T>
  bool expect_error(const T& result, Reason reason, const std::string& what) {
    if (result.has_value()) return expect(false, what + ": succeeded");
    return expect(result.error().reason() == reason, what + ": " + result.error().to_string());
  }
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

struct ConformanceCase {
  std::string name;
  std::function<void(Driver&, Findings&)> run;
};

const std::vector<ConformanceCase>& conformance_cases();

// Registers every case as a test "<suite>Conformance.<case>"; call it before RUN_ALL_TESTS. Returns true.
bool register_conformance(const std::string& suite, std::function<Driver&()> driver);

}  // namespace tenure::connector::testing
