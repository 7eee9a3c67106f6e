// What all sources say, kept from feed to feed, and who is known from it. A feed of a million records of which a few
// changed costs what those few cost: the rest is compared as text and left alone.
//
// The law: the identities, findings and warnings that merge() here gives are exactly those that merging everything
// (merge.hpp) would give. It merges a slice: the records that changed, those that a warning or finding was about, the
// identities that the last merge changed or for whom time has passed a bound of an engagement, and whatever meets one
// of these: identities and records of the same correlation value, records of the same identity, identities whose
// relation names a value that somebody gained or lost. For all others nothing that their part of a merge looks at is
// different from last time, when it changed nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/source/accept.hpp>
#include <tenure/source/merge.hpp>

namespace tenure::source {

// The identities of before, wherever they are. Not thread-safe.
class KnownIdentities {
 public:
  virtual ~KnownIdentities() = default;
  virtual std::size_t count() const = 0;
  virtual model::IdentityId last() const = 0;  // the highest id; not valid() when there is none
  virtual std::optional<model::Identity> identity(model::IdentityId id) const = 0;
  virtual void each(const std::function<void(const model::Identity&)>& visit) const = 0;
  virtual void put(const model::Identity& identity) = 0;  // new, or in place of what is there
};

class IdentityMap final : public KnownIdentities {
 public:
  explicit IdentityMap(Identities identities = {}) : identities_(std::move(identities)) {}
  const Identities& identities() const { return identities_; }
  std::size_t count() const override { return identities_.size(); }
  model::IdentityId last() const override {
    return identities_.empty() ? model::IdentityId() : identities_.rbegin()->first;
  }
  std::optional<model::Identity> identity(model::IdentityId id) const override {
    const auto found = identities_.find(id);
    return found == identities_.end() ? std::nullopt : std::optional(found->second);
  }
  void each(const std::function<void(const model::Identity&)>& visit) const override {
    for (const auto& [id, identity] : identities_) visit(identity);
  }
  void put(const model::Identity& identity) override { identities_[identity.id] = identity; }

 private:
  Identities identities_;
};

// What the next merge has to know of the last one. To be kept with the records.
struct MergeMemory {
  Time at;
  std::string policy;                   // digest of the policy set
  std::set<model::SourceName> sources;  // of which there were accepted records
  std::vector<model::IdentityId> changed;
  // Records that a warning or finding was about, with their lines.
  std::map<model::SourceKey, std::uint32_t> attention;
  friend bool operator==(const MergeMemory&, const MergeMemory&) = default;
};
json::Value to_json(const MergeMemory& memory);
Result<MergeMemory> merge_memory_from_json(const json::Value& value);

struct IdentityChange {
  std::optional<model::Identity> before;  // nullopt: new
  model::Identity after;
};

struct MergeOutcome {
  std::vector<IdentityChange> changes;  // in order of id
  std::vector<model::Finding> findings;
  Diagnostics diagnostics;
  bool whole = false;         // everything was merged: nothing was remembered, or the policy is another
  std::size_t looked_at = 0;  // identities in the slice
};

// One thread. The policy, the identities and the workers outlive it.
class Register {
 public:
  Register(const policy::PolicySet& policy, KnownIdentities& known, std::map<model::SourceName, Kept> kept,
           std::optional<MergeMemory> memory, Workers& workers = own_thread());
  ~Register();

  // As source::accept(). What it changes is merged by the next merge().
  FeedVerdict accept(const policy::SourceDoc& source, const Result<Reading>& feed, const Diagnostics& faults,
                     const std::set<std::string>& released, Diagnostics& diagnostics);

  // Merges what was accepted, and writes what became different to the identities.
  MergeOutcome merge(Time now);

  const Kept* kept(const model::SourceName& source) const;
  // Keys of records that are new, different or gone since this was made.
  const std::map<model::SourceName, std::set<std::string>>& touched() const { return touched_; }
  const std::optional<MergeMemory>& memory() const { return memory_; }

 private:
  class Meetings;
  bool must_be_whole(Time now) const;
  MergeOutcome merge_slice(Time now);
  MergeOutcome merge_whole(Time now);
  MergeOutcome finish(Merged merged, Identities& previous, Time now);

  const policy::PolicySet& policy_;
  KnownIdentities& known_;
  Workers& workers_;
  std::map<model::SourceName, std::optional<Kept>> kept_;
  std::optional<MergeMemory> memory_;
  std::map<model::SourceName, std::vector<RecordChange>> changes_;  // since the last merge
  std::map<model::SourceName, std::set<std::string>> touched_;
  bool whole_ = false;  // what was kept cannot be mapped as it is any more
  std::unique_ptr<Meetings> meetings_;
};

}  // namespace tenure::source
