// Nordhaven on real systems: its company, the four targets on loopback, and the state folder that governs them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <tenure/app/workspace.hpp>
#include <tenure/lab/company.hpp>
#include <tenure/lab/postgres.hpp>
#include <tenure/lab/scim_app.hpp>
#include <tenure/lab/slapd.hpp>

namespace tenure::demo {

struct NordhavenOptions {
  std::string folder;         // made; everything is below it
  std::string policy_folder;  // examples/nordhaven
  std::uint64_t seed = 20261120;
  int people = 2000;
  Time today;
};

// Owner stops the servers by destroying it; start it from a thread that outlives it.
class Nordhaven {
 public:
  // Ready on return: every server has answered a real request.
  static Result<std::unique_ptr<Nordhaven>> start(const NordhavenOptions& options);

  const lab::Company& company() const { return company_; }
  const lab::Expectations& expectations() const { return company_.expectations; }
  lab::Slapd& directory() { return *directory_; }
  lab::Postgres& ledger() { return *ledger_; }
  lab::ScimApp& crm() { return *crm_; }
  std::string state_folder() const { return folder_ + "/state"; }
  std::string mainframe_folder() const { return state_folder() + "/exchange/mainframe"; }
  std::string feed(const std::string& name) const { return state_folder() + "/feeds/" + name; }
  // Deployment values and secrets, where the state folder looks for them.
  Status write_deployment() const;

 private:
  Nordhaven() = default;
  Status start_servers();
  std::string folder_;
  lab::Company company_;
  std::optional<lab::Slapd> directory_;
  std::optional<lab::Postgres> ledger_;
  std::optional<lab::ScimApp> crm_;
};

}  // namespace tenure::demo
