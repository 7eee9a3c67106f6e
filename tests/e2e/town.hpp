// Nordhaven on real servers, governed by commands of the real program alone.
#pragma once

#include "demo/nordhaven.hpp"
#include "program.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tenure::e2e {

// Approvers of the example policy: operators approve what is ordinary, security what is privileged.
constexpr const char* kOperator = "ana.ash";
constexpr const char* kSecurity = "cai.moe";

class Town {
 public:
  // Servers that answer, feeds, secrets; no state yet. nullptr and a failure of the test when it cannot be had.
  static std::unique_ptr<Town> start(int people);

  demo::Nordhaven& servers() const { return *nordhaven_; }
  const lab::Expectations& expected() const { return nordhaven_->expectations(); }
  std::string state() const { return nordhaven_->state_folder(); }
  // Another state folder with what this one holds now; it goes with the town.
  std::string copy_of_state(const std::string& name) const;

  Ran run(const Words& words, const std::string& actor = kOperator) const { return run_in(state(), words, actor); }
  static Ran run_in(const std::string& state, const Words& words, const std::string& actor = kOperator);

  // init, source pull, target read: each exits 0.
  void take_in() const;
  // Puts every target under management, and carries out the first reconciling plan, work by hand included. Afterwards a
  // plan is empty.
  void govern() const;

  // The digest of a new plan; "" when there is nothing to do.
  std::string plan(const Words& more = {}) const;
  // Everybody who may approve does, and releases what guards hold.
  void approve(const std::string& digest) const;
  Ran apply(const std::string& digest) const;

  // The mainframe's people carry out every open work order of this plan, say so, and the next export shows it, until
  // none is left. Returns how many a reading has verified.
  std::int64_t work_by_hand(const std::string& digest) const;

  // What Tenure has written to the three targets with an interface since the start, in the journals that these keep
  // themselves: slapd's access log, PostgreSQL's statement log, the SCIM application's state file.
  std::vector<std::string> writes() const;

 private:
  Town() = default;
  std::vector<std::string> directory_writes() const;
  std::vector<std::string> ledger_writes() const;
  std::vector<std::string> crm_writes() const;

  std::unique_ptr<lab::TempFolder> folder_;  // outlives the servers
  std::unique_ptr<demo::Nordhaven> nordhaven_;
  std::size_t crm_seed_lines_ = 0;
};

}  // namespace tenure::e2e
