#include "connections.hpp"
#include "kept_records.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include <tenure/app/sources.hpp>
#include <tenure/governance/finding.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/source/register.hpp>

namespace tenure::app {
namespace {

using store::Table;

// Row kFeed of a source.
struct FeedRow {
  std::string file, digest, held_digest;
  std::vector<std::string> held_for;
  std::int64_t records = 0;
  Time pulled_at;
};

json::Value to_json(const FeedRow& row) {
  json::Array held_for;
  for (const auto& reason : row.held_for) held_for.push_back(reason);
  return json::Object{{"file", row.file},
                      {"digest", row.digest},
                      {"held_digest", row.held_digest},
                      {"held_for", std::move(held_for)},
                      {"records", row.records},
                      {"pulled_at", row.pulled_at.to_rfc3339()}};
}

Result<FeedRow> feed_row_from_json(const json::Value& value) {
  const json::Reader reader(value, "feed");
  FeedRow row;
  TENURE_TRY(row.file, reader.string("file"));
  TENURE_TRY(row.digest, reader.string("digest"));
  TENURE_TRY(row.held_digest, reader.string("held_digest"));
  TENURE_TRY(const auto held_for, reader.array("held_for"));
  for (const auto& reason : held_for)
    if (reason.value().is_string()) row.held_for.push_back(reason.value().as_string());
  TENURE_TRY(row.records, reader.integer("records"));
  TENURE_TRY(const std::string pulled_at, reader.string("pulled_at"));
  TENURE_TRY(row.pulled_at, Time::parse(pulled_at));
  return row;
}

Result<std::optional<FeedRow>> load_feed_row(store::Snapshot& snapshot, const std::string& source) {
  TENURE_TRY(const auto row, snapshot.get(Table::kFeed, source));
  if (!row) return std::nullopt;
  TENURE_TRY(const json::Value value, json::parse(row->body));
  TENURE_TRY(FeedRow feed, feed_row_from_json(value));
  return feed;
}

Result<source::Reading> read_feed(Workspace& workspace, const policy::SourceDoc& source, Workers& workers,
                                  Diagnostics& diagnostics) {
  TENURE_TRY(const auto connection, open_source(workspace, source));
  TENURE_TRY(const json::Value config, workspace.expand(source.config, source.place));
  connector::FeedRequest request{workspace.resolve(config.string_or("file", "")), source.columns, &workers};
  auto* reader = connection->feed_reader();
  if (reader == nullptr)
    return fail(Reason::kConnectorUnsupported, "the connector " + source.connector + " reads no feeds");
  TENURE_TRY(connector::Feed feed, reader->read_feed(request, diagnostics));
  return source::Reading{request.file,         feed.digest,   std::move(feed.columns),
                         std::move(feed.rows), feed.complete, feed.open_ended};
}

// One pull: what is read, decided and written, gathered into one commit.
class Pull {
 public:
  Pull(Workspace& workspace, const PullRequest& request, store::Snapshot& snapshot, Diagnostics& diagnostics)
      : workspace_(workspace),
        request_(request),
        snapshot_(snapshot),
        diagnostics_(diagnostics),
        now_(workspace.clock().now()),
        case_id_(workspace.environment().random.uuid()) {}

  Result<PullOutcome> run() {
    std::map<model::SourceName, source::Kept> kept;
    for (const auto& [name, source] : workspace_.policy().sources) {
      TENURE_TRY(auto stored, load_records(snapshot_, name.str()));
      if (!stored) continue;
      blocks_.emplace(name, stored->blocks);
      kept.emplace(name, std::move(stored->kept));
    }
    TENURE_TRY(auto identities, load_identities(snapshot_));
    TENURE_TRY(auto memory, load_merge_memory(snapshot_));
    source::IdentityMap known(std::move(identities));
    source::Register sources(workspace_.policy(), known, std::move(kept), std::move(memory), *workers_);
    for (const auto& [name, source] : workspace_.policy().sources)
      if (wanted(name.str())) TENURE_CHECK_OK(take(source, sources));
    TENURE_CHECK_OK(merge(sources, known));
    if (!batch_.records.empty()) batch_.records.push_back(draft("case.closed"));
    if (!batch_.empty()) TENURE_CHECK_OK(workspace_.store().commit(batch_));
    return std::move(outcome_);
  }

 private:
  bool wanted(const std::string& name) const {
    return request_.sources.empty() ||
           std::find(request_.sources.begin(), request_.sources.end(), name) != request_.sources.end();
  }

  evidence::Draft draft(const char* type) const {
    evidence::Draft d;
    d.type = type;
    d.time = now_;
    d.case_id = case_id_;
    d.actor = {evidence::ActorKind::kSystem, "source"};
    d.policy = workspace_.policy().digest;
    return d;
  }

  Status take(const policy::SourceDoc& source, source::Register& sources) {
    Diagnostics faults;
    const auto reading = read_feed(workspace_, source, *workers_, faults);
    const std::set<std::string> released =
        request_.release.empty() ? std::set<std::string>{} : std::set<std::string>{request_.release};
    const bool known = sources.kept(source.name) != nullptr;
    const source::FeedVerdict verdict = sources.accept(source, reading, faults, released, faults);
    diagnostics_.append(faults);
    TENURE_TRY(const auto before, load_feed_row(snapshot_, source.name.str()));
    FeedRow row = before.value_or(FeedRow{});
    SourceOutcome outcome;
    outcome.source = source.name.str();
    outcome.accepted = verdict.accepted;
    outcome.digest = reading ? reading->digest : "";
    outcome.added = static_cast<std::int64_t>(verdict.diff.added.size());
    outcome.changed = static_cast<std::int64_t>(verdict.diff.changed.size());
    outcome.removed = static_cast<std::int64_t>(verdict.diff.removed.size());
    outcome.records = reading ? static_cast<std::int64_t>(reading->rows->size()) : 0;
    if (verdict.accepted)
      accept_feed(source, row, outcome, verdict, sources);
    else
      hold_feed(row, outcome, verdict, known);
    batch_.writes.push_back({Table::kFeed,
                             source.name.str(),
                             store::kAnyVersion,
                             false,
                             {"", row.held_for.empty() ? "accepted" : "held", 0},
                             json::to_string(to_json(row))});
    outcome_.sources.push_back(std::move(outcome));
    return {};
  }

  void accept_feed(const policy::SourceDoc& source, FeedRow& row, const SourceOutcome& outcome,
                   const source::FeedVerdict& verdict, const source::Register& sources) {
    const source::Kept& kept = *sources.kept(source.name);
    const bool same = row.digest == outcome.digest && row.held_for.empty();
    row = {kept.file, outcome.digest, "", {}, outcome.records, now_};
    if (same) return;  // looked again, nothing new
    const auto blocks = blocks_.find(source.name);
    write_records(source.name.str(), kept, blocks == blocks_.end() ? 0 : blocks->second,
                  sources.touched().at(source.name), batch_);
    if (verdict.released) {
      evidence::Draft released = draft("feed.released");
      released.actor = {evidence::ActorKind::kPerson, "operator"};
      released.mode = evidence::Mode::kRequested;
      released.facts = {{"source", source.name.str()}, {"digest", outcome.digest}};
      released.fields = {{"person", workspace_.actor().name}, {"reason", request_.reason}};
      batch_.records.push_back(std::move(released));
    }
    evidence::Draft accepted = draft("feed.accepted");
    accepted.facts = {{"source", source.name.str()}, {"digest", outcome.digest},   {"records", outcome.records},
                      {"added", outcome.added},      {"changed", outcome.changed}, {"removed", outcome.removed}};
    batch_.records.push_back(std::move(accepted));
  }

  void hold_feed(FeedRow& row, SourceOutcome& outcome, const source::FeedVerdict& verdict, bool known) {
    for (const auto& reason : verdict.reasons) outcome.held_for.push_back(reason.text);
    if (outcome.held_for.empty()) outcome.held_for.emplace_back("it was not accepted");
    if (!verdict.reasons.empty()) outcome.reason = verdict.reasons.front().reason;
    const bool same = row.held_digest == outcome.digest && row.held_for == outcome.held_for;
    row.held_digest = outcome.digest;
    row.held_for = outcome.held_for;
    if (!known) row.pulled_at = now_;
    if (same) return;
    evidence::Draft held = draft("feed.held");
    held.outcome = evidence::Outcome::kFailure;
    held.facts = {{"source", outcome.source}};
    if (!outcome.digest.empty()) held.facts.emplace("digest", outcome.digest);
    json::Array reasons;
    for (const auto& text : outcome.held_for) reasons.push_back(text);
    held.fields = {{"reasons", std::move(reasons)}};
    batch_.records.push_back(std::move(held));
  }

  Status merge(source::Register& sources, const source::KnownIdentities& known) {
    const auto before = sources.memory();
    source::MergeOutcome merged = sources.merge(now_);
    diagnostics_.append(merged.diagnostics);
    outcome_.identities = static_cast<std::int64_t>(known.count());
    for (const source::IdentityChange& change : merged.changes) note_change(change);
    // Where nothing became different but the time, the last one's time will do.
    source::MergeMemory memory = *sources.memory();
    if (before) memory.at = before->at;
    if (!before || !merged.changes.empty() || memory != *before) batch_.writes.push_back(write_of(*sources.memory()));
    return note_findings(merged.findings);
  }

  void note_change(const source::IdentityChange& change) {
    const model::Identity& identity = change.after;
    const auto& policy = workspace_.policy();
    const auto state = policy::lifecycle_state(policy, identity, now_);
    batch_.writes.push_back(write_of(identity, model::name_of(state)));
    const char* type = "identity.moved";
    if (!change.before) {
      type = "identity.joined";
      ++outcome_.joined;
    } else {
      const auto old_state = policy::lifecycle_state(policy, *change.before, now_);
      if (over(state) && !over(old_state)) {
        type = "identity.left";
        ++outcome_.left;
      } else {
        ++outcome_.moved;
      }
    }
    evidence::Draft d = draft(type);
    d.subject = "identity:" + std::to_string(identity.id.value());
    d.facts = {{"state", model::name_of(state)}, {"kind", model::name_of(identity.kind)}};
    d.fields = {{"key", identity.key}};
    batch_.records.push_back(std::move(d));
  }

  static bool over(model::LifecycleState state) {
    return state == model::LifecycleState::kLeft || state == model::LifecycleState::kLeaving ||
           state == model::LifecycleState::kRetired || state == model::LifecycleState::kRevoking;
  }

  Status note_findings(const std::vector<model::Finding>& findings) {
    TENURE_TRY(const auto stored, load_findings(snapshot_));
    for (const auto& finding : findings) {
      const auto known = stored.find(finding.id);
      auto moved = known == stored.end() ? governance::open_finding(finding, case_id_, now_)
                                         : governance::refresh(known->second, finding, case_id_, now_);
      if (moved.records.empty()) continue;
      if (known == stored.end()) ++outcome_.findings_opened;
      batch_.writes.push_back(write_of(moved.row));
      for (auto& record : moved.records) batch_.records.push_back(std::move(record));
    }
    return {};
  }

  Workspace& workspace_;
  const PullRequest& request_;
  store::Snapshot& snapshot_;
  Diagnostics& diagnostics_;
  const Time now_;
  const std::string case_id_;
  const std::unique_ptr<Workers> workers_ = make_workers(std::thread::hardware_concurrency());
  std::map<model::SourceName, std::size_t> blocks_;  // of the stored records
  store::Batch batch_;
  PullOutcome outcome_;
};

}  // namespace

bool PullOutcome::any_held() const {
  return std::any_of(sources.begin(), sources.end(), [](const SourceOutcome& source) { return !source.accepted; });
}

Result<PullOutcome> pull_sources(Workspace& workspace, const PullRequest& request, Diagnostics& diagnostics) {
  for (const auto& name : request.sources)
    if (!workspace.policy().sources.contains(model::SourceName(name)))
      return fail(Reason::kNotFound, "the policy has no source \"" + name + "\"");
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  return Pull(workspace, request, *snapshot, diagnostics).run();
}

Result<std::vector<SourceStatus>> list_sources(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  std::vector<SourceStatus> all;
  for (const auto& [name, source] : workspace.policy().sources) {
    TENURE_TRY(const auto row, load_feed_row(*snapshot, name.str()));
    const FeedRow feed = row.value_or(FeedRow{});
    all.push_back({name.str(), source.connector, feed.file, feed.digest, feed.held_digest, feed.held_for, feed.records,
                   feed.pulled_at});
  }
  return all;
}

}  // namespace tenure::app
